/**
 * Mistakes that were made in public, and what becomes of each here. In an answer `{code:c}` is a diagnostic, `{try:p}` a proof that the mistake
 * cannot be said, `{set:D.s}` a setting of the library with its default, `{def:D}` a definition of the library, `{spec:m/n}` a spec that is held
 * against recorded numbers of the official code, `{test:file}` a test.
 */
export type Kind = "unsayable" | "diagnosed" | "setting" | "same" | "absent";

export interface Row {
  readonly kind: Kind;
  readonly mistake: string;
  readonly answer: string;
}

/** One list: the issues that users filed, or what was found in one released program. */
export interface List {
  readonly of: string;
  readonly where: string;
  readonly rows: readonly Row[];
}

const unsayable = (mistake: string, answer: string): Row => ({ kind: "unsayable", mistake, answer });
const diagnosed = (mistake: string, answer: string): Row => ({ kind: "diagnosed", mistake, answer });
const setting = (mistake: string, answer: string): Row => ({ kind: "setting", mistake, answer });
const same = (mistake: string, answer: string): Row => ({ kind: "same", mistake, answer });
const absent = (mistake: string, answer: string): Row => ({ kind: "absent", mistake, answer });

export const lists: readonly List[] = [
  {
    of: "What users report",
    where: "issues of the official repositories",
    rows: [
      diagnosed(
        "Scores cannot be repeated: sampler, steps or the number of samples differ from the paper (SiT 14, 31; DispLoss 4; DeltaFM 6; DiT 21; LightningDiT 22)",
        "The sampler is part of the spec, `dit resolve` prints it with all defaults, and its hash is kept with checkpoints. Too few samples: {code:few-samples-scored}; another objective or size than in training: {code:sample-other-objective}, {code:sample-other-size}; bare weights for averaged ones: {code:sample-not-averaged}",
      ),
      unsayable(
        "Loss becomes NaN in 16-bit floats (REPA 46)",
        "There is no fp16 ({try:half precision of 16 bits}); with `bf16` only the factors of products are rounded, norms, similarities, losses and optimizers stay in 32 bits",
      ),
      unsayable(
        "Resuming restarts the loss, or is missing (DiT 23, 35)",
        "A checkpoint holds weights, averages, states of the optimizer and the step; draws depend on seed and step alone. A run that was killed ends with the bits of one that was not: {test:spec/runtime/kill.slow.test.ts}",
      ),
      diagnosed(
        "Guidance on three of four channels, or of 32 (DiT 41; LightningDiT 21)",
        "All channels by default: {set:Generate.channels}; fewer: {code:guidance-some-channels}",
      ),
      unsayable(
        "The null label is the number 1000, also for other class counts (DiT 108; diffusers 13616)",
        "No label is `none`, with a vector of its own: {try:null label by number}, {try:null label in a sampler}. A class too many for it: {code:class-count-null}",
      ),
      diagnosed(
        "Latents normalised in another way when decoded than when encoded, or not at all (LightningDiT 22, 34, 58)",
        "One number for both, in the data: {set:Latents.scale}, {set:Latents.shift}; the sampler has none ({try:a scale of the latents in the sampler}). A number that is nearly right, or 1: {code:latents-scale}",
      ),
      setting(
        "Own, small and unconditional data sets (DiT 18, 38, 84; REPA 15)",
        "{def:Folder}, {def:Digits}, {def:Parquet}, {def:Latents}; without classes {set:Folder.class}, and then a label is {code:unknown-field}, `none` is {code:label-without-classes}, guidance {code:guidance-without-labels}",
      ),
      unsayable(
        "Non-square pictures (REPA 47)",
        "Rows and columns are axes of their own: {try:a picture that is not square}. A square is only taken where a list of tokens is made a grid: {try:a grid of tokens with one in front}. Tokens of an encoder that are as many and in other places: {code:tokens-other-grid}",
      ),
      same(
        "Targets computed beforehand, slowly and with another preprocessing (REPA 43)",
        "An encoder takes the `pixels` of the data and does its own resizing and normalising: {set:Onnx.mean}, {set:Onnx.std}, {set:Onnx.method}; anything else is {code:encoder-input}; fields are those the data has: {try:fields of another file}",
      ),
      same(
        "Analysis code is missing (REPA 24, 54, 55; REG 7; SRA 2)",
        "Every tap can be read by name in any plan, and `log every` writes what an equation makes of it. Probes and similarity indices of whole data sets are not executed yet: {code:not-yet}",
      ),
      unsayable(
        "Which block is aligned: counted from 0 or 1, before or after a fusion (REPA 50)",
        "Positions count from 1: {try:block 0}, {try:a block from behind}; `.in` and `.out` say the side, and a tap behind a fusion is {code:tap-after-fusion}",
      ),
      unsayable(
        "Forward-mode derivatives fail in fused attention (PyTorch 128971, 154226; flash-attention 1672)",
        "`jvp` differentiates the graph and not an engine, and every op has its row: {try:attention inside a derivative}, {test:spec/ir/derivatives.test.ts}. An encoder, which has no derivative, cannot stand inside: {try:an encoder inside a derivative}",
      ),
      setting(
        "Training of large average-velocity models is unstable (MeanFlow 6)",
        "The weight that damps it is sayable: {set:MeanFlow.power}, {set:MeanFlow.c}, {set:MeanFlow.squared}; so is a clip, `clip 1.0`",
      ),
      diagnosed(
        "Flags of prediction and variance do not fit the checkpoint, samples are garbage (SiT 30, 44; DiT 89)",
        "What a network predicts is said once, by the objective, and the sampler is handed that objective: {code:sample-other-objective}, {code:lacks-setting}, {code:objectives-disagree}; {try:a sampler of another sort of objective}",
      ),
      diagnosed(
        "What loss is normal, what is a step and what an epoch, and one sample in a batch (DiT 17; DispLoss 1, 2)",
        "`steps` are optimizer steps; a loss over a batch of one is {code:batch-of-one}, over micro-batches {code:loss-over-micro-batch}",
      ),
    ],
  },
  {
    of: "SiT",
    where: "willisma/SiT",
    rows: [
      diagnosed(
        "Guidance touches the first three channels only",
        "{set:Generate.channels}; `channels: 1..3` repeats it and is {code:guidance-some-channels}; counted from 0: {try:guidance of channels counted from 0}",
      ),
      setting(
        "The final layer is twice as wide, and half of it is thrown away",
        "{set:SiT.doubled}; the official checkpoint wants `true`",
      ),
      unsayable(
        "A form of diffusion crashes, another cannot be chosen because its key is misspelt",
        "Choices are words that the compiler knows: {try:a misspelt word}; a diffusion is a function, {set:EulerMaruyama.diffusion}",
      ),
      diagnosed(
        "Division by zero where the coefficient of the data is 0, whatever start the user asks for",
        "The path is evaluated at the ends of the clock: {code:grid-touches-end}, {code:time-touches-end}; the start is {set:Even.from}",
      ),
      unsayable(
        "An option is ignored because another one is tested for it",
        "A setting that no equation reads is reported: {try:an option that nothing reads}",
      ),
      setting(
        "The number of steps of a sampler is a number of points, or one less, or one more with a last step of its own",
        "{set:Euler.steps} are steps; {set:EulerMaruyama.steps} are network calls, the last of size {set:EulerMaruyama.last}",
      ),
      absent(
        "Solvers are not what their names say: `heun`, `rk4`",
        "Samplers are equations, in the library or one's own: {def:Euler}, {def:Heun}; adaptive solvers are not there",
      ),
      setting(
        "Stochastic Heun is no Euler-Maruyama with another drift",
        "{def:EulerMaruyama} and {def:EdmHeun} each say where the noise is added; SiT's form is not in the library",
      ),
      setting(
        "The weight of a loss is ignored for velocity prediction",
        "A weight acts on every prediction: {set:Flow.weighting}, {def:velocity_weight}, {def:likelihood_weight}",
      ),
      setting(
        "A factor inside a square: `norm` of one diffusion form is not a factor",
        "A diffusion is written as a function of the clock: {set:EulerMaruyama.diffusion}",
      ),
      setting(
        "Training times end elsewhere for each prediction and path",
        "{set:Flow.time}: by prediction; where a path wants another cut it is {code:time-touches-end}",
      ),
      same(
        "Drift and score are two calls of the network",
        "Both are computed from one call, in {def:predictions}; equal calls are one in the graph",
      ),
      same(
        "The first half of the channels of the position table is the column",
        "So here, {def:sincos}: {spec:sit/forward}",
      ),
      unsayable(
        "Resume is broken: the optimizer is loaded before it exists",
        "There is no order of statements; {test:spec/runtime/kill.slow.test.ts}",
      ),
    ],
  },
  {
    of: "REPA",
    where: "sihyun-yu/REPA",
    rows: [
      unsayable(
        "Time runs the other way, and samplers must know",
        "{set:Flow.data_at}; a sampler is handed the objective and has no direction of its own: {try:a sampler with a direction of its own}. Two directions on one network: {code:objectives-disagree}",
      ),
      same(
        "The second stage of Heun is guided by the time of the first; the last step is Euler; the interval is closed and its ends meet grid points",
        "{def:Heun} passes `step_at`; intervals are closed, grids are computed in 64 bits: {set:Generate.interval}, {spec:repa/sample}",
      ),
      unsayable(
        "The null label is the literal 1000; a scale below 1 is ignored",
        "{try:a sampler with a null label of its own}; a scale below 1 acts, and is {code:guidance-below-one}",
      ),
      unsayable(
        "A mean over an empty list of dimensions happens to be the mean over all",
        "A term that still has axes is refused: {try:a mean that leaves tokens}; the epsilon of a cosine is an argument, {def:cosine}",
      ),
      unsayable(
        "The aligned depth counts from 1, and the tap is the stream before any norm; the key bias never gets a gradient",
        "{try:block 0}; `block(8).out` is that stream. Norm of queries and keys: {set:SiT.qk_norm}",
      ),
      unsayable(
        "A preset crashes because a second width was not set with the first",
        "A width is written once, the others are computed from it or from axes: {try:an option of another program}; twice: {try:a width given twice}",
      ),
      diagnosed(
        "Labels are dropped by the program and by the network: 19 % for 10",
        "Dropping is one visible part, {def:LabelDropout} with {set:LabelDropout.p}: {code:labels-dropped-twice}; the network has no such setting: {try:labels dropped by the network}",
      ),
    ],
  },
  {
    of: "iREPA",
    where: "End2End-Diffusion/iREPA",
    rows: [
      setting(
        "The normalisation of the target: which side, which deviation, where the epsilon",
        "{def:spatial_norm}: on the target, unbiased, epsilon outside the root, alpha on the mean only; {spec:irepa/train}",
      ),
      setting(
        "The kernel of the projector is 1 by a default of the command line, 3 by one of the class",
        "One default, {set:ConvProject.kernel}",
      ),
      unsayable(
        "Options are accepted and ignored; a file of settings overrides the command line",
        "{try:an option of another program}, {try:an option that nothing reads}; the command line sets `param`s of the file and wins over their defaults",
      ),
      setting(
        "Latents are `(z - bias) * scale` here and `z * scale + bias` there",
        "{set:Latents.shift} is subtracted, then {set:Latents.scale} multiplies",
      ),
      setting(
        "With tokens in front, the projector sees only those of patches",
        "A slice by name: {try:tokens behind one in front}. A token too many: {try:a class token lost in front}",
      ),
    ],
  },
  {
    of: "REG",
    where: "Martinser/REG",
    rows: [
      same(
        "The class token enters the network noisy and the alignment clean",
        "Two names of the plan: {spec:reg/train}",
      ),
      same(
        "The class token has no position, a norm with gain and a head of its own",
        "{def:RegSiT}; {def:RegOfficial} maps the row of zeros",
      ),
      unsayable(
        "Coefficients of shape `[B, 1]` meet a class token of `[B, C]` and broadcast to `[B, 1, B, C]`",
        "Axes meet by name, and an outer product is refused: {try:a table of samples by samples}",
      ),
      unsayable(
        "An undefined variable in a branch that nobody takes; the program exits without a word",
        "Names are checked in all branches: {try:a variable that is not there}",
      ),
      setting(
        "A scale of 0 or less means another rule; the class token is discarded in the end",
        "Guidance is a record, one scale a field: `guidance: (image: 2.3, cls: 1)`; {set:Generate.guidance}, {spec:reg/sample}",
      ),
      unsayable(
        "A width of the constructor is ignored",
        "The width is that of the axis `feature` of what is given: {try:an option of another program}",
      ),
    ],
  },
  {
    of: "REPA-E",
    where: "REPA-E/REPA-E",
    rows: [
      setting(
        "Two regimes of batch norm in one step",
        "`eval(latent)` beside `latent`, {def:BatchNorm}; times and noise are shared by name, `t: pass.t`",
      ),
      unsayable(
        "Switching all gradients on also trains the fixed position table",
        "A table is computed, no weight, unless one says `weight`; what is trained is said by `over`: {try:weights that no optimizer takes}",
      ),
      unsayable(
        "The order of three updates in one step matters",
        "All gradients are taken at the weights of the start of the step; one weight in two optimizers is refused: {try:one weight in two optimizers}",
      ),
      setting(
        "Running statistics are undone without the epsilon they were applied with",
        "Written in the spec, where both can be seen; {set:BatchNorm.eps}",
      ),
      unsayable(
        "Averages include the buffers of batch norm; sums and means of losses weigh by the size of pictures",
        "An average covers what is trained, buffers are states and no weights; a loss says over which axes it sums or averages, and one that leaves some is refused: {try:a mean that leaves tokens}",
      ),
      absent(
        "Perceptual and adversarial losses",
        "No pretrained networks come along; they enter as encoders and ordinary terms",
      ),
    ],
  },
  {
    of: "HASTE",
    where: "NUS-HPC-AI-Lab/HASTE",
    rows: [
      unsayable(
        "Blocks, heads and tokens are literals; other models break, or group rows wrongly",
        "Slices name their axes and are checked: {try:a list of blocks past the end}",
      ),
      same(
        "The class token is cut before the softmax, and only one leading token",
        "`seen.logits[token = 2..257, key = 2..257]` in the spec: {spec:haste/train}",
      ),
      unsayable(
        "A bare `except` hides every error and runs the step again",
        "A spec is equations; nothing can be caught: {try:a variable that is not there}",
      ),
      setting(
        "The alignment ends at a step, and then its projectors get no gradient, no decay and no moments",
        "A guard after the term, {try:a term that ends}: guards cut a run into phases, and weights that no present term reaches stand still, decay and moments included",
      ),
    ],
  },
  {
    of: "DiT",
    where: "facebookresearch/DiT",
    rows: [
      diagnosed(
        "Guidance on three channels, the variance stays conditional; one noise for a doubled batch",
        "{set:Generate.channels}, {code:guidance-some-channels}; there is no doubled batch, noise belongs to a sample",
      ),
      same(
        "The mean of the variational term is detached, in bits, a discretised likelihood at the first tick",
        "{def:Ddpm}: {spec:dit/train}; the whole bound is {set:Ddpm.bound_only}",
      ),
      setting(
        "A factor of the variational term is 1 for 1000 steps",
        "{set:Ddpm.rescale}, and beside `bound_only` it is {code:require}",
      ),
      same("The first log variance is that of the second step", "{def:ddpm_tables}"),
      setting(
        "Respacing rounds half to even, or strides and leaves the end out, and the network gets original ticks",
        "{set:Ancestral.spacing}, {set:Ancestral.sections}, {set:Ddim.spacing}; ticks that do not come out even are {code:require}; {spec:dit/sample-ddpm}, {spec:dit/sample-ddim}",
      ),
      unsayable(
        "Noise is drawn where none is used, and moves the stream of random numbers",
        "A draw belongs to its name, seed and step, not to a stream: {try:two draws under one name}; {set:Ddim.eta}",
      ),
      same(
        "Tables are cut to 32 bits",
        "Tables are computed in 64 bits; a fixture's own table is used where it holds one",
      ),
      setting(
        "Without a learned variance the default variance is the large fixed one",
        "{set:Ddpm.variance}; a network without channels for a learned one is {code:require}",
      ),
    ],
  },
  {
    of: "U-ViT",
    where: "baofff/U-ViT",
    rows: [
      unsayable(
        "Skips: output of which block, fused where, in which order",
        "Each is a line that names both places: `skip long(i): block(i).out -> block(depth + 2 - i).in via ConcatLinear`; backward: {try:a skip from behind}; to itself: {try:a skip from a value to itself}",
      ),
      setting(
        "A depth of n is n or n + 1 blocks",
        "{set:UViT.depth}, said there; pairs in an odd depth of a wiring: {try:pairs of blocks in an odd depth}",
      ),
      setting(
        "Norms with gain, another epsilon and another activation than all relatives",
        "{def:UBlock}, {set:UViT.norm}, {set:UViT.bias}: {spec:uvit/train-noskip}",
      ),
      setting(
        "The raw sine is the time token; a learned table covers the extra tokens",
        "{set:UViT.time_mlp}: {spec:uvit/train-discrete}",
      ),
      unsayable(
        "The null class is the last one, and the data pipeline drops labels",
        "`none`: {try:null label by number}; {def:LabelDropout} is a line of the plan; 1001 classes: {code:class-count-null}",
      ),
      setting(
        "Time is `t * 999` in one program and a tick in the other",
        "{set:UViT.time_scale}; the objective hands the time to the network, in training and in sampling alike: {spec:uvit/train-vpsde}",
      ),
      diagnosed(
        "Guidance is written `c + s (c - u)`, a scale less by 1",
        "One form, `weak + w (strong - weak)`, {def:guide}; a scale below 1 is {code:guidance-below-one}",
      ),
      same(
        "The sampler is a single-step solver of orders 3, 3, …, 2, 1",
        "{def:DpmSolver}, {set:DpmSolver.order}: {spec:uvit/sample-dpm}",
      ),
    ],
  },
  {
    of: "LightningDiT",
    where: "hustvl/LightningDiT",
    rows: [
      setting("250 sampling steps are 249", "{set:Euler.steps} are steps: `steps: 249` repeats it"),
      same(
        "Rotary positions in addition to the table, pairs interleaved, rows first, after the norm of queries",
        "{def:AxialRope}, {set:LightningDiT.place}: {spec:lightningdit/train}",
      ),
      same("The width of the gated unit is cut, not rounded to eights", "{set:SwiGlu.wide}"),
      same(
        "Without shift in the blocks, with shift in the head",
        "{set:LightningDiT.shift}: {spec:lightningdit/train-qknorm-noshift}",
      ),
      setting("Norm of queries and keys depends on another flag", "{set:LightningDiT.qk_norm} is a part"),
      setting(
        "A bias that cannot be switched off; half a head that is thrown away",
        "{set:Attention.bias}, {set:LightningDiT.doubled}",
      ),
      unsayable(
        "A cosine over channels that is logged nowhere and exists for one prediction only",
        "{def:VelocityDirection} is a term, logged by its name, over the axis it names ({try:a similarity without an axis}); on another prediction it is {code:require}",
      ),
      unsayable(
        "Times come from a global generator of another library",
        "All draws are named inputs of the step, from one generator: {try:two draws under one name}",
      ),
      unsayable(
        "Guidance starts at a time, on three channels, with a literal null label",
        "{set:Generate.interval} is on the clock of the objective ({code:interval-outside-clock}); {set:Generate.channels}; {try:a sampler with a null label of its own}",
      ),
    ],
  },
  {
    of: "MaskDiT",
    where: "Anima-Lab/MaskDiT",
    rows: [
      same(
        "The target of the reconstruction is the noisy picture, the prediction the denoised one, the variance unbiased",
        "{def:MaskedEdm}, each an equation",
      ),
      same("The loss is weighed, averaged over channels, then over visible patches", "{def:MaskedEdm}"),
      unsayable(
        "No row for the null label, a zero vector instead; dropping in the program",
        "`none` looks up 0, {def:ZeroNullLabel}: {try:null label by number}; {def:LabelDropout} is a line of the plan",
      ),
      setting(
        "The decoder is of one size for all models",
        "{set:MaskDiT.decode_width}, {set:MaskDiT.decode}, {set:MaskDiT.decode_heads}",
      ),
      same("Kept tokens stay shuffled, and places are added before and again after", "{def:MaskDiT}, {def:Decoder}"),
      unsayable("A configuration names a function that does not exist", "{try:a misspelt word}"),
      setting("Guidance on all channels", "{set:Generate.channels}"),
    ],
  },
  {
    of: "TREAD",
    where: "CompVis/tread",
    rows: [
      unsayable(
        "A ratio of what is removed, a span from 0 with both ends, a token that keeps its old value",
        "{set:Route.remove} is what is removed, {def:Rejoin} puts the others back as they were; a route is two lines that name a block each, and past the last one is refused: {try:a list of blocks past the end}; {spec:tread/train}",
      ),
      unsayable(
        "Several routes must be in order, each with its own subset",
        "Each has its own `draw`; order follows from what needs what: {try:a skip from behind}",
      ),
      setting(
        "Both branches of guidance lose the label",
        "{set:Generate.sees}, {set:Generate.weak}; a label beside `sees: neither` is {code:require}; {spec:tread/sample-routing-guidance}",
      ),
      unsayable(
        "A default of 0 that the program overrides; options that are ignored; a seed that nobody uses",
        "{try:an option that nothing reads}, {try:an option of another program}",
      ),
      unsayable(
        "One block runs in another precision than the rest",
        "Precision is a key of the plan and no property of a block: {try:half precision of 16 bits}",
      ),
    ],
  },
  {
    of: "SPRINT",
    where: "snap-research/Sprint",
    rows: [
      setting(
        "The order of a concatenation differs between two programs",
        "`concat` is written with its operands in order: {set:Sprint.fuse}",
      ),
      unsayable(
        "A token that is called learnable and is frozen",
        "{set:Sprint.learned_blank}; what a `minimize` reaches and does not take is refused: {try:weights that no optimizer takes}",
      ),
      diagnosed(
        "A path is dropped once a sample here, once a batch there",
        "{set:Sprint.path_drop}, once a sample: a draw in a mapped part is; one a batch in a plan is {code:draw-in-plan}",
      ),
      unsayable(
        "A grid that assumes a patch of 2",
        "Sizes come from axes, {set:GroupedTokens.rows}: {try:a grid of tokens with one in front}",
      ),
      unsayable(
        "A depth that is off by one, a loop over the layers of one projector",
        "{try:block 0}; a part is called, its layers are not reached by accident",
      ),
      unsayable(
        "Patches with channels slowest in one program and fastest in another",
        "Axes have names and no order: {try:a reduction by axis number}; orders of files are in a `layout` (`as [to, from, i, j]`)",
      ),
      unsayable(
        "A flag for a larger unit without the flag for the unit",
        "The unit is one part and not two flags; unread settings: {try:an option that nothing reads}",
      ),
      unsayable("A null label as a literal in the guidance", "{try:a sampler with a null label of its own}"),
      setting(
        "Finetuning without a mask and with dropped paths",
        "{set:Sprint.remove}, {set:Sprint.path_drop}; `start: (net: load(…))`",
      ),
    ],
  },
  {
    of: "SpeedrunDiT",
    where: "SwayStar123/SpeedrunDiT",
    rows: [
      setting(
        "An epsilon that depends on the precision",
        "{set:SpeedrunDiT.qk_norm}: the number of 32 bits, in every precision; {set:RmsNorm.eps}",
      ),
      setting(
        "A residual of values from block 1, before norm and rotation",
        "{set:SpeedrunDiT.value_residual}: {spec:speedrundit/train}",
      ),
      unsayable(
        "A loss is computed and never added",
        "Nothing reads it: {code:unused-name}, {code:unused-definition}; terms are exactly what is minimized",
      ),
    ],
  },
  {
    of: "JiT",
    where: "the copy in iREPA",
    rows: [
      setting(
        "Target and prediction share one clamped denominator",
        "{set:Flow.floor}, in training and in sampling: {spec:jit/train}",
      ),
      setting(
        "Tokens in context are copies of the label, inserted before a block, gone before the head",
        "{set:JiT.context}, {set:JiT.context_at}; in any other network by rewires: {try:tokens put in front from a block on}",
      ),
      setting("A patch embedding in two steps, one without bias", "{def:BottleneckPatchify}, {set:JiT.bottleneck}"),
      setting(
        "The last step is Euler; the interval is open but at 0; noise is scaled",
        "{def:Heun}; {set:Generate.ends}; {set:Flow.noise_scale}, and another one at the start is {code:sample-other-setting}: {spec:jit/sample}",
      ),
      setting(
        "Tables that are in no checkpoint",
        "Computed tables are taps; a layout may name them and compares: {def:SiTOfficial}",
      ),
    ],
  },
  {
    of: "EDM",
    where: "NVlabs/edm",
    rows: [
      setting(
        "The loss is summed over pixels; noise is drawn in every step",
        "{def:MaskedEdm} takes means; {set:EdmHeun.churn} of 0 multiplies its draw by 0",
      ),
    ],
  },
  {
    of: "DiverseDiT",
    where: "kobeshegu/DiverseDiT",
    rows: [
      unsayable(
        "Three versions of a gate under one command line, one of them live in the graph",
        "The gate is arithmetic of the plan: `piecewise(d, 0.1, 0.5) * d`, detached with `stop_gradient`; {spec:diversedit/train-gate-warmup}, {spec:diversedit/train-gate-constant}. A condition on a value: {try:a gate that looks at a value}",
      ),
      diagnosed(
        "Pairs of blocks may be none, or wrap round to the last ones",
        "{def:release_pairs} repeats the rule: {code:empty-list}, {code:pairs-wrap}; without it {def:first_pairs}, {code:pair-with-itself}",
      ),
      setting(
        "Absolute or signed, all blocks or the chosen ones",
        "{def:BlockDiversity} as released, {def:BlockDiversityPaper} as written",
      ),
      same("Epsilons in four places", "{def:BlockDiversity}: {spec:diversedit/terms-low-band}"),
      unsayable(
        "A checkpoint loads in any of three topologies, silently",
        "The wiring is in the spec, and a layout names its skips: {def:DiverseDiTOfficial}; to itself: {try:a skip from a value to itself}",
      ),
      setting(
        "A block whose halves run side by side, by accident",
        "{def:ParallelBlock} is a part with a name: {spec:diversedit/skip-b}",
      ),
      unsayable(
        "Features exist only in training, and after the fusion",
        "Taps are there in every call; behind a fusion: {code:tap-after-fusion}",
      ),
      unsayable("An odd depth crashes", "{try:pairs of blocks in an odd depth}"),
      unsayable("A second width crashes small presets", "{try:an option of another program}"),
      setting("One norm with gain and an epsilon of its own", "{set:ConcatNormLinear.norm}"),
      diagnosed(
        "A literal null label; guidance of a drift; previews without the average",
        "{try:a sampler with a null label of its own}; {code:sample-not-averaged}",
      ),
      absent(
        "Combinations that were published without code",
        "Lines of a spec (`examples/`); no numbers to hold them against",
      ),
      setting(
        "Blocks dropped a sample, without rescaling; a type that does not exist",
        "{try:a part that is dropped in training}; {try:a misspelt word}",
      ),
    ],
  },
  {
    of: "MeanFlow",
    where: "zhuyu-cs/MeanFlow",
    rows: [
      unsayable(
        "A call with its arguments in the wrong places",
        "Inputs have types: {try:null label by number}; averages are asked for by name: {try:a teacher without a copy}",
      ),
      diagnosed("A scale of 0.18125", "{code:latents-scale}; L2 or decay apart: {def:Adam}, {def:AdamW}"),
      setting(
        "A sum of squares, squared; a value that is always 1; a sum that trains hundreds of times faster",
        "{set:MeanFlow.squared}, {set:MeanFlow.power}, {set:MeanFlow.weighting}",
      ),
      diagnosed("The second time must reach the network", "{set:SiT.two_times}; without it {code:input-not-read}"),
      setting("One default in the class and another on the command line", "One: {set:MeanFlow.window}"),
      setting("A share of equal times that is drawn, not counted", "{set:MeanFlow.unequal}"),
      unsayable("Attention must be another one in training than in sampling", "{try:attention inside a derivative}"),
    ],
  },
  {
    of: "SRA",
    where: "vvvvvjdy/SRA",
    rows: [
      setting(
        "A cosine over tokens because an axis was left to its default",
        "{set:Sra.measure}; an axis is always named: {try:a similarity without an axis}",
      ),
      unsayable(
        "What the teacher drops, and which copy it is",
        "`eval(ema(net))` with the student's labels, by name: {try:a teacher without a copy}; {spec:sra/train-cos}",
      ),
      setting("A weight that depends on the epoch, by a formula in the program", "{def:sra_weight}"),
      unsayable(
        "Drawing one number before another changes the other",
        "Draws have names: {try:two draws under one name}",
      ),
    ],
  },
  {
    of: "DispLoss",
    where: "raywang4/DispLoss",
    rows: [
      setting(
        "Diagonal or not, divided by what, which constant",
        "{set:Dispersive.form}, {set:Dispersive.distance}, {set:Dispersive.tau}; {spec:disploss/train}. One sample: {code:batch-of-one}",
      ),
    ],
  },
  {
    of: "DeltaFM",
    where: "gstoica27/DeltaFM",
    rows: [
      unsayable("An option for classes that is never read", "{try:an option that nothing reads}"),
      setting("Which other sample is the negative", "{set:Contrastive.negative}: {spec:delta-fm/train}"),
      diagnosed(
        "Division by zero when all labels are dropped, or in a batch of one; a loss may be negative",
        "{set:Contrastive.skip_null}; {code:batch-of-one}; a minus in front of a term is {code:negative-factor}",
      ),
    ],
  },
  {
    of: "Optimizers and averages",
    where: "all of them",
    rows: [
      unsayable(
        "Decay of weights without a gradient, or with a gradient of zero",
        "What no present term reaches is neither moved nor decayed; a factor that is statically 0 is absence. Weights behind a `stop_gradient`: {code:weight-not-moved}, {code:term-without-weights}",
      ),
      same(
        "The clip divides by the norm plus 1e-6, over what has a gradient, after accumulation",
        "`clip c` of a `minimize`, over all its groups: {spec:optim/adamw}",
      ),
      same(
        "Averages after the step, over all parameters, not over buffers",
        "`ema`, after the optimizer: {spec:diversedit/train-steps}; too slow for the run: {code:ema-too-slow}; of weight 0: {code:ema-zero}",
      ),
      diagnosed(
        "Warm-ups that never end, schedules that end before the run or rise again",
        "The schedule is evaluated over the run: {code:warmup-too-long}, {code:schedule-ends-early}; {set:CosineDecay.stay}",
      ),
      setting(
        "The scale of an update by the last two axes of a convolution",
        "{set:Muon.scale}, from the two sides of the arrow of a weight; one without an arrow is {code:optimizer-shape}; {spec:optim/muon}",
      ),
      same(
        "Gradients that are zero by symmetry become updates by rounding",
        "`dit verify` measures against the largest entry of each tensor and says what it measured",
      ),
    ],
  },
  {
    of: "Metrics",
    where: "evaluators",
    rows: [
      setting(
        "Squared distances in 16 bits against radii in 32",
        "In 64 bits, and the neighbour itself is not counted: {set:Precision.n}; {spec:metrics/generative}",
      ),
      setting(
        "Splits by size or by count",
        "One score of what it is given, {def:Inception}; how to split is a slice. {def:Scores} is checked and not executed yet: {code:not-yet}",
      ),
      setting(
        "Similarity indices under one name and with other denominators",
        "{set:Cka.eps}, {set:Cka.by}, {def:Cknna}: {spec:metrics/block-similarity}",
      ),
      setting(
        "Neighbours counted once and far pairs twice, a term that is silently 0",
        "{set:LocalDistantSimilarity.far}; means over all pairs in both orders, and a grid without far pairs has 0 there too: {spec:metrics/spatial}",
      ),
      setting(
        "Ranks, density and coverage are defined by whoever computes them",
        "{def:EffectiveRank}, {set:Density.n}, {set:Coverage.n}, as equations",
      ),
    ],
  },
  {
    of: "Paths and grids",
    where: "SiT against REPA",
    rows: [
      unsayable(
        "Opposite directions of time, one curve under two names, an option that looks at another",
        "{set:Flow.data_at}, {def:GVP}; a sampler has no direction: {try:a sampler with a direction of its own}; other curves on one network: {code:objectives-disagree}",
      ),
      setting(
        "Points, steps and calls are counted in three ways",
        "{set:Euler.steps}, {set:EulerMaruyama.steps}, {set:Even.last}",
      ),
    ],
  },
];
