/**
 * The steps that put a current TensorFlow under @tensorflow/tfjs-node-gpu, as data. The library that this package downloads by itself is
 * years old; the wheels that TensorFlow publishes for Python hold a current one with the same C interface, so the binding is compiled anew.
 */
import { join } from "node:path";
import { bindingFile, libraryFolder, packageIn, tensorflowVersion, type Variant } from "../cache.js";

/** Of the processor, as Node names it. */
export type Arch = "x64" | "arm64";

export type Act =
  | { readonly act: "write"; readonly file: string; readonly text: string }
  /** `expect`: what it has to print. */
  | { readonly act: "run"; readonly command: string; readonly args: readonly string[]; readonly expect?: string }
  | { readonly act: "verify"; readonly file: string; readonly sha256: string }
  | { readonly act: "folder" | "remove"; readonly path: string }
  | { readonly act: "move"; readonly from: string; readonly to: string }
  | { readonly act: "link"; readonly at: string; readonly to: string }
  /** Removes all files of a package but these. */
  | { readonly act: "strip"; readonly folder: string; readonly keep: readonly RegExp[] };

export interface Step {
  readonly title: string;
  /** Every act can be done again: a step that was cut off is done from its start. */
  readonly acts: readonly Act[];
  /** What grows meanwhile, and how large it was at the end. */
  readonly grows?: readonly string[];
}

export interface Plan {
  readonly variant: Variant;
  /** Bytes that have to be free for building. */
  readonly disk: number;
  readonly steps: readonly Step[];
}

interface Wheel {
  readonly requirement: string;
  readonly file: string;
  readonly sha256: string;
}

/**
 * The same for every Python on the user's machine, as its C++ libraries know nothing of Python. Processors of ARM have no `tensorflow-cpu`;
 * their `tensorflow` is without CUDA.
 */
const wheels: { readonly [V in Variant]: { readonly [A in Arch]?: Wheel } } = {
  cpu: {
    x64: wheel("tensorflow-cpu", "x86_64", "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c"),
    arm64: wheel("tensorflow", "aarch64", "4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c"),
  },
  cuda: { x64: wheel("tensorflow", "x86_64", "9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124") },
};

function wheel(name: string, machine: string, sha256: string): Wheel {
  const file = `${name.replaceAll("-", "_")}-${tensorflowVersion}-cp311-cp311-manylinux_2_27_${machine}.whl`;
  return { requirement: `${name}==${tensorflowVersion}`, file, sha256 };
}

/** What the CUDA wheel asks for as its extra `and-cuda`. */
const nvidia = [
  "nvidia-cublas-cu12>=12.5.3.2,<13",
  "nvidia-cuda-cupti-cu12>=12.5.82,<13",
  "nvidia-cuda-nvcc-cu12>=12.5.82,<13",
  "nvidia-cuda-nvrtc-cu12>=12.5.82,<13",
  "nvidia-cuda-runtime-cu12>=12.5.82,<13",
  "nvidia-cudnn-cu12>=9.3.0.75,<10",
  "nvidia-cufft-cu12>=11.2.3.61,<12",
  "nvidia-curand-cu12>=10.3.6.82,<11",
  "nvidia-cusolver-cu12>=11.6.3.83,<12",
  "nvidia-cusparse-cu12>=12.5.1.3,<13",
  "nvidia-nccl-cu12>=2.27.7,<3",
  "nvidia-nvjitlink-cu12>=12.5.82,<13",
];

/** Of the wheel: the libraries, and the headers that the binding includes. */
const wanted = [
  "tensorflow/libtensorflow_cc.so.2",
  "tensorflow/libtensorflow_framework.so.2",
  "tensorflow/include/tensorflow/c/",
  "tensorflow/include/tensorflow/core/platform/",
  "tensorflow/include/tsl/platform/",
  "tensorflow/include/xla/tsl/c/",
];

/** Python reads the archive: pip needs it anyway. */
const unzip = [
  "import sys, zipfile",
  "archive, target, *wanted = sys.argv[1:]",
  "with zipfile.ZipFile(archive) as z:",
  "    z.extractall(target, [n for n in z.namelist() if n.startswith(tuple(wanted))])",
].join("\n");

/** Two matrices multiplied by the library itself, and by no other backend. */
const proof = [
  "const tf = require(process.argv[1]);",
  "const product = tf.matMul([[1, 2], [3, 4]], [[5, 6], [7, 8]]).arraySync();",
  "console.log(JSON.stringify([tf.getBackend(), product]));",
].join("\n");

const proven = '["tensorflow",[[19,22],[43,50]]]';

/** Their CommonJS bundle is what a `require` reads. */
const tfjsPackages = ["", "-core", "-converter", "-data", "-layers", "-backend-cpu", "-backend-webgl"];

/** Undefined where TensorFlow publishes no wheel. `folder`: the one that is built in. */
export function planOf(variant: Variant, arch: Arch, folder: string): Plan | undefined {
  const source = wheels[variant][arch];
  if (!source) return undefined;
  const pack = packageIn(folder);
  const paths = {
    wheels: join(folder, "wheels"),
    temporary: temporaryIn(folder),
    unpacked: join(folder, "unpacked"),
    modules: join(folder, "node_modules"),
    headers: join(folder, "node_modules", "node-api-headers"),
    include: join(pack, "deps", "include"),
    library: join(pack, libraryFolder),
    nvidia: join(pack, "deps", "nvidia"),
  };
  const archive = join(paths.wheels, source.file);
  const platforms = ["--only-binary=:all:", "--python-version", "3.11", "--platform"];
  const steps: Step[] = [
    {
      title: "npm packages",
      grows: [paths.modules],
      acts: [
        { act: "write", file: join(folder, "package.json"), text: '{ "private": true }\n' },
        {
          act: "run",
          command: "npm",
          // Its own install script would download the old library.
          args: [
            ...["install", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--prefix", folder],
            ...["@tensorflow/tfjs-node-gpu@4.22.0", "node-api-headers@1.9.0"],
          ],
        },
      ],
    },
    {
      title: `wheel ${source.requirement}, its sha256 checked against the pinned one`,
      grows: [paths.wheels, paths.temporary],
      acts: [
        {
          act: "run",
          command: "python3",
          args: [
            ...["-m", "pip", "download", "--no-deps", "--no-cache-dir", "--retries", "2", "--progress-bar", "off"],
            ...[...platforms, /manylinux_\w+/.exec(source.file)?.[0] ?? "", "--dest", paths.wheels, source.requirement],
          ],
        },
        { act: "verify", file: archive, sha256: source.sha256 },
      ],
    },
    {
      title: "libraries and headers out of the wheel",
      grows: [paths.unpacked],
      acts: [
        { act: "run", command: "python3", args: ["-c", unzip, archive, paths.unpacked, ...wanted] },
        { act: "remove", path: paths.wheels },
      ],
    },
    {
      title: "into the package",
      acts: [
        { act: "folder", path: paths.library },
        ...["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"].map((name) => ({
          act: "move" as const,
          from: join(paths.unpacked, "tensorflow", name),
          to: join(paths.library, name),
        })),
        { act: "link", at: join(paths.library, "libtensorflow.so"), to: "libtensorflow_cc.so.2" },
        { act: "link", at: join(paths.library, "libtensorflow_framework.so"), to: "libtensorflow_framework.so.2" },
        { act: "move", from: join(paths.unpacked, "tensorflow", "include"), to: paths.include },
      ],
    },
    {
      title: "the binding, compiled",
      acts: [
        { act: "folder", path: join(pack, bindingFile, "..") },
        {
          act: "run",
          command: "g++",
          args: [
            ...["-std=c++17", "-O2", "-fPIC", "-shared", "-DNAPI_VERSION=8", "-DBUILDING_NODE_EXTENSION"],
            ...["-I", join(paths.headers, "include"), "-I", pack, "-I", paths.include],
            ...["tfjs_backend.cc", "tfjs_binding.cc"].map((file) => join(pack, "binding", file)),
            ...["-o", join(pack, bindingFile), "-L", paths.library],
            ...["-ltensorflow", "-l:libtensorflow_framework.so.2", "-Wl,-rpath,$ORIGIN/../../deps/lib"],
          ],
        },
      ],
    },
    ...(variant === "cuda"
      ? [
          {
            title: "NVIDIA's libraries, checked by pip against the hashes of the package index",
            grows: [paths.unpacked, paths.temporary, paths.nvidia],
            acts: [
              { act: "remove" as const, path: join(paths.unpacked, "cuda") },
              {
                act: "run" as const,
                command: "python3",
                args: [
                  ...["-m", "pip", "install", "--no-deps", "--no-cache-dir", "--no-compile", "--retries", "2"],
                  ...["--progress-bar", "off", ...platforms, "manylinux_2_27_x86_64"],
                  ...["manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_12_x86_64"].flatMap((name) => [
                    "--platform",
                    name,
                  ]),
                  ...["--target", join(paths.unpacked, "cuda"), ...nvidia],
                ],
              },
              // TensorFlow's libraries have an rpath to `../nvidia`, and look there for the compiler of XLA.
              { act: "move" as const, from: join(paths.unpacked, "cuda", "nvidia"), to: paths.nvidia },
            ],
          },
        ]
      : []),
    {
      title: "what only building needed, removed",
      acts: [
        ...[paths.unpacked, paths.include, paths.headers].map((path) => ({ act: "remove" as const, path })),
        ...tfjsPackages.map((name) => ({
          act: "strip" as const,
          folder: join(paths.modules, "@tensorflow", `tfjs${name}`),
          keep: [/(^|\/)node_modules\//, /^package\.json$/, /^LICENSE/, /^dist\/[^/]*\.node\.js$/],
        })),
      ],
    },
    {
      title: "two matrices multiplied",
      acts: [{ act: "run", command: process.execPath, args: ["-e", proof, pack], expect: proven }],
    },
  ];
  return { variant, disk: variant === "cuda" ? 10e9 : 2.5e9, steps };
}

/** For the temporary files of the tools: the place whose free space was looked at. */
export function temporaryIn(folder: string): string {
  return join(folder, "temporary");
}
