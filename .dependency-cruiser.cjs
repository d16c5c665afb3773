/** Layers: an arrow only points up this list (see docs/architecture.md), and what runs in a browser asks for nothing of Node. */
module.exports = {
  forbidden: [
    { name: "grammar-imports-nothing-of-ours", severity: "error", from: { path: "^grammar/" }, to: { path: "^(compiler|runtime|cli)/" } },
    { name: "compiler-imports-grammar-only", severity: "error", from: { path: "^compiler/" }, to: { path: "^(runtime|cli)/" } },
    { name: "runtime-imports-ir-plan-emit", severity: "error", from: { path: "^runtime/" }, to: { path: "^(cli|grammar|compiler/(?!ir|plan|emit))" } },
    { name: "browser-safe", severity: "error", from: { path: "^(grammar|compiler)/" }, to: { dependencyTypes: ["core"] } },
    { name: "browser-safe-native", severity: "error", from: { path: "^(grammar|compiler)/" }, to: { path: "(onnxruntime-node|sharp)" } },
    { name: "browser-safe-tfjs", severity: "error", from: { path: "^runtime/engines/tfjs/(?!tfjs|installed)" }, to: { dependencyTypes: ["core"] } },
    { name: "browser-safe-tfjs-ours", severity: "error", from: { path: "^runtime/engines/tfjs/(?!tfjs|installed)" }, to: { path: "^runtime/engines/(tfjs/(tfjs|installed)|tensorflow/|onnx|ort)" } },
  ],
  options: { doNotFollow: { path: "node_modules" }, tsConfig: { fileName: "tsconfig.json" }, tsPreCompilationDeps: true, enhancedResolveOptions: { extensions: [".ts", ".js"] } },
};
