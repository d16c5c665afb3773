/** The sizes of the library's models beside those of the official ones: rows for a test and for docs/presets.md. */

export interface PresetRow {
  readonly preset: string;
  /** Settings of the instance, as a spec writes them. */
  readonly settings: string;
  /** Channels and side of the input, and how many classes there are. */
  readonly channels: number;
  readonly side: number;
  readonly classes: number;
  /** The model called for one sample; `z`, `t` and `y` are at hand. */
  readonly call?: string;
  /** Of the official model: exact where its code was counted, else as published, rounded. */
  readonly parameters: number;
  /** Digits of `parameters` that count: all, if the code was counted. */
  readonly digits?: number;
  /** Multiply-accumulates of one forward pass of one sample, in units of 10^9: what the papers call Gflops. */
  readonly published?: number;
  readonly source: string;
}

const latents = { channels: 4, side: 32, classes: 1000 };
const dit = "facebookresearch/DiT ed81ce2, `models.py`, without `pos_embed`";
const sit = "sihyun-yu/REPA 67f7145, `models/sit.py`, without `pos_embed` and projectors";
const uvit = "baofff/U-ViT ce55170, `libs/uvit.py`";
const lightning =
  "hustvl/LightningDiT 2725fed, `models/lightningdit.py` with SwiGLU, RoPE and RMSNorm, without `pos_embed`";
const mean = "zhuyu-cs/MeanFlow 04d183c, `sit.py`, without `pos_embed`";

const reg = "Martinser/REG 021ea2e, `models/sit.py`, without `pos_embed` and projectors";
const sprint =
  "snap-research/Sprint 12c5fc9, `src/models/sit.py` with the settings of `configs/train/SIT_XL_SPRINT_256.yaml`, the frozen `mask_token` included";

const mask = "Anima-Lab/MaskDiT 73cfb96, `models/maskdit.py`, `use_decoder`, without the tables of positions";
const jit = "JiT, arXiv 2511.13720, the table of its sizes; rounded there";
const speedrun = "SwayStar123/SpeedrunDiT c24c2ff, `models/sit.py` with `qk_norm`, without `pos_embed` and projectors";
const entangled =
  "net((image: images.image, cls: repeat[feature](mean[channel, row, col](images.image), 768)), 0, images.label).image";

/** Patch sizes and figures of DiT's paper, arXiv 2212.09748, table 4. */
const dits: readonly (readonly [size: string, patch: number, parameters: number, published: number])[] = [
  ["S", 8, 33_142_016, 0.36],
  ["S", 4, 32_920_448, 1.41],
  ["S", 2, 32_865_056, 6.06],
  ["B", 8, 130_869_248, 1.42],
  ["B", 4, 130_426_496, 5.56],
  ["B", 2, 130_315_808, 23.01],
  ["L", 8, 458_578_432, 5.01],
  ["L", 4, 457_988_224, 19.7],
  ["L", 2, 457_840_672, 80.71],
  ["XL", 8, 675_664_640, 7.39],
  ["XL", 4, 675_000_704, 29.05],
  ["XL", 2, 674_834_720, 118.64],
];

export const presets: readonly PresetRow[] = [
  ...dits.map(([size, patch, parameters, published]) => ({
    preset: `DiT.${size}`,
    settings: `patch: ${patch}`,
    ...latents,
    parameters,
    published,
    source: dit,
  })),
  {
    preset: "SiT.S",
    settings: "patch: 2, doubled: true",
    ...latents,
    parameters: 32_865_056,
    published: 6.06,
    source: "willisma/SiT 947f95b, `models.py`, without `pos_embed`",
  },
  { preset: "SiT.B", settings: "patch: 2", ...latents, parameters: 130_303_504, published: 23.01, source: sit },
  { preset: "SiT.L", settings: "patch: 2", ...latents, parameters: 457_824_272, published: 80.71, source: sit },
  { preset: "SiT.XL", settings: "patch: 2", ...latents, parameters: 674_816_272, published: 118.64, source: sit },
  {
    preset: "SiT.B",
    settings: "patch: 4, two_times: true",
    ...latents,
    parameters: 131_165_248,
    published: 5.6,
    source: mean,
  },
  {
    preset: "SiT.B",
    settings: "patch: 2, two_times: true",
    ...latents,
    parameters: 131_091_472,
    published: 23.1,
    source: mean,
  },
  {
    preset: "SiT.L",
    settings: "patch: 2, two_times: true",
    ...latents,
    parameters: 459_137_040,
    published: 80.9,
    source: mean,
  },
  {
    preset: "SiT.XL",
    settings: "patch: 2, two_times: true",
    ...latents,
    parameters: 676_440_592,
    published: 119,
    source: mean,
  },
  {
    preset: "UViT.S",
    settings: "patch: 2",
    channels: 3,
    side: 32,
    classes: 0,
    parameters: 44_255_328,
    source: `${uvit}, \`configs/cifar10_uvit_small.py\``,
  },
  {
    preset: "UViT.M",
    settings: "patch: 4, null_label: false",
    channels: 3,
    side: 64,
    classes: 1000,
    parameters: 130_940_292,
    source: `${uvit}, \`configs/imagenet64_uvit_mid.py\``,
  },
  {
    preset: "UViT.L",
    settings: "patch: 2, conv: false",
    ...latents,
    parameters: 286_763_024,
    source: `${uvit}, \`configs/imagenet256_uvit_large.py\``,
  },
  {
    preset: "UViT.H",
    settings: "patch: 2, conv: false",
    ...latents,
    parameters: 500_832_016,
    published: 133.25,
    source: `${uvit}, \`configs/imagenet256_uvit_huge.py\``,
  },
  {
    preset: "LightningDiT.B",
    settings: "patch: 1",
    channels: 32,
    side: 16,
    classes: 1000,
    parameters: 130_359_584,
    source: lightning,
  },
  {
    preset: "LightningDiT.L",
    settings: "patch: 2",
    channels: 32,
    side: 32,
    classes: 1000,
    parameters: 458_087_520,
    source: lightning,
  },
  {
    preset: "LightningDiT.XL",
    settings: "patch: 1",
    channels: 32,
    side: 16,
    classes: 1000,
    parameters: 674_961_824,
    source: lightning,
  },
  {
    preset: "LightningDiT._1p0B",
    settings: "patch: 1",
    channels: 32,
    side: 16,
    classes: 1000,
    parameters: 1_029_007_904,
    source: lightning,
  },
  {
    preset: "LightningDiT._1p6B",
    settings: "patch: 1",
    channels: 32,
    side: 16,
    classes: 1000,
    parameters: 1_631_308_368,
    source: lightning,
  },
  { preset: "RegSiT.B", settings: "patch: 2", ...latents, call: entangled, parameters: 131_486_224, source: reg },
  { preset: "RegSiT.L", settings: "patch: 2", ...latents, call: entangled, parameters: 459_400_976, source: reg },
  { preset: "RegSiT.XL", settings: "patch: 2", ...latents, call: entangled, parameters: 676_589_968, source: reg },
  { preset: "Sprint.S", settings: "patch: 2", ...latents, parameters: 33_156_112, source: sprint },
  { preset: "Sprint.B", settings: "patch: 2", ...latents, parameters: 131_486_224, source: sprint },
  { preset: "Sprint.L", settings: "patch: 2", ...latents, parameters: 459_926_544, source: sprint },
  { preset: "Sprint.XL", settings: "patch: 2", ...latents, parameters: 677_476_816, source: sprint },
  { preset: "MaskDiT.S", settings: "patch: 2", ...latents, parameters: 68_116_880, source: mask },
  { preset: "MaskDiT.B", settings: "patch: 2", ...latents, parameters: 175_581_968, source: mask },
  { preset: "MaskDiT.L", settings: "patch: 2", ...latents, parameters: 509_783_056, source: mask },
  { preset: "MaskDiT.XL", settings: "patch: 2", ...latents, parameters: 730_115_216, source: mask },
  { preset: "MaskDiT.H", settings: "patch: 2", ...latents, parameters: 1_009_543_440, source: mask },
  {
    preset: "JiT.B",
    settings: "patch: 16",
    channels: 3,
    side: 256,
    classes: 1000,
    parameters: 131_000_000,
    digits: 3,
    published: 25,
    source: jit,
  },
  {
    preset: "JiT.L",
    settings: "patch: 16",
    channels: 3,
    side: 256,
    classes: 1000,
    parameters: 459_000_000,
    digits: 3,
    published: 88,
    source: jit,
  },
  {
    preset: "JiT.H",
    settings: "patch: 16",
    channels: 3,
    side: 256,
    classes: 1000,
    parameters: 953_000_000,
    digits: 3,
    published: 182,
    source: jit,
  },
  {
    preset: "SpeedrunDiT.B",
    settings: "patch: 1",
    channels: 32,
    side: 16,
    classes: 1000,
    call: entangled,
    parameters: 132_692_779,
    source: speedrun,
  },
  {
    preset: "SpeedrunDiT.L",
    settings: "patch: 1",
    channels: 32,
    side: 16,
    classes: 1000,
    call: entangled,
    parameters: 461_535_031,
    source: speedrun,
  },
  {
    preset: "SpeedrunDiT.XL",
    settings: "patch: 1",
    channels: 32,
    side: 16,
    classes: 1000,
    call: entangled,
    parameters: 679_286_267,
    source: speedrun,
  },
];

/** Presets without a row, and why. */
export const without: ReadonlyMap<string, string> = new Map([
  ["RegSiT.S", "the release's own S cannot run: its last layer is 768 wide, its blocks 384"],
  ["SpeedrunDiT.S", "the same"],
]);

/** A spec that does nothing but call the model once. */
export function specOf({ preset, settings, channels, side, classes, call }: PresetRow): string {
  const model = preset.split(".")[0] ?? preset;
  const label = classes > 0 ? ", images.label" : "";
  return [
    `use std.{Adam, Latents, ${model}}`,
    `data images: Latents { path: "images", scale: 0.5, image: [channel: ${channels}, row: ${side}, col: ${side}]${classes > 0 ? `, class: ${classes}` : ""} }`,
    `model net: ${preset} { ${settings} }`,
    "train run {",
    "  data: images, batch: 1, steps: 1",
    `  minimize by Adam { lr: 1e-4 } { it: sum[channel, row, col](${call ?? `net(images.image, 0${label})`}) }`,
    "}",
    "",
  ].join("\n");
}
