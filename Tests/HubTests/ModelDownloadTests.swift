import Foundation
import Testing

import Hub

@Suite struct ModelDownloadTests {
  let sandbox = Sandbox()

  /// What is downloaded of a model with these files.
  func chosen(_ names: [String]) throws -> Set<String> {
    let files = Dictionary(uniqueKeysWithValues: names.map { ($0, Data($0.utf8)) })
    let hub = FakeHub(.init(api: "models/o/m", files: files))
    let url = try Hub.folder(for: "o/m", kind: .model, settings: hub.settings(in: sandbox))
    return Set(FileManager.default.subpaths(atPath: url.path) ?? [])
  }

  let texts = [
    "config.json", "tokenizer.json", "merges.txt", "preprocessor_config.json", "spiece.model",
    "LICENSE",
  ]
  let others = [
    "README.md", ".gitattributes", "tf_model.h5", "flax_model.msgpack", "onnx/model.onnx",
    "onnx/config.json", "model.gguf", "model.fp16.safetensors", "training_args.bin",
    "eval/results.json",
  ]

  @Test(arguments: [
    (["model.safetensors", "pytorch_model.bin"], ["model.safetensors"]),
    (["pytorch_model.bin"], ["pytorch_model.bin"]),
    (
      [
        "model.safetensors.index.json", "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors", "pytorch_model.bin",
      ],
      [
        "model.safetensors.index.json", "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
      ]
    ),
    (
      ["pytorch_model.bin.index.json", "pytorch_model-00001-of-00001.bin"],
      ["pytorch_model.bin.index.json", "pytorch_model-00001-of-00001.bin"]
    ),
    (
      ["model.safetensors", "policy_preprocessor_step_3_normalizer_processor.safetensors"],
      ["model.safetensors", "policy_preprocessor_step_3_normalizer_processor.safetensors"]
    ),
  ])
  func oneKindOfWeightsIsChosen(weights: [String], wanted: [String]) throws {
    #expect(try chosen(texts + others + weights) == Set(texts + wanted))
  }

  @Test(arguments: [true, false])
  func modulesOfSentenceTransformersBelongToTheModel(listed: Bool) throws {
    let model = ["config.json", "model.safetensors"]
    let modules = [
      "1_Pooling/config.json", "2_Dense/config.json", "2_Dense/model.safetensors",
    ]
    let others = ["2_Dense/pytorch_model.bin", "2_Dense/README.md", "onnx/config.json"]
    let list = listed ? ["modules.json"] : []
    let wanted = listed ? modules + list + ["1_Pooling", "2_Dense"] : []
    #expect(try chosen(model + modules + others + list) == Set(model + wanted))
  }

  @Test func configurationAloneIsAModelToInitialise() throws {
    #expect(try chosen(["config.json", "README.md"]) == ["config.json"])
  }

  @Test(arguments: ["tf_model.h5", "onnx/model.onnx", "model.gguf"])
  func weightsThatAreNotReadAreNoModel(name: String) {
    #expect { try chosen(["config.json", name]) } throws: {
      "\($0)".contains("its weights are in \(name), but weights are read from")
    }
  }

  @Test func aWholeModelNeedsNoServer() throws {
    let hub = FakeHub(.init(api: "models/o/m", commit: "c"))
    let base = ".cache/huggingface/hub/models--o--m/"
    try sandbox.file(base + "refs/main", "c")
    for name in ["config.json", "model.safetensors", "tokenizer.json"] {
      try sandbox.file(base + "snapshots/c/" + name, "{}")
    }
    let settings = hub.settings(in: sandbox)
    #expect(
      try Hub.folder(for: "o/m", kind: .model, settings: settings).path.hasSuffix(
        base + "snapshots/c"))
    #expect(hub.requests.isEmpty)
    // Without its tokenizer it is completed.
    hub.change { $0.files = ["tokenizer.json": Data("[]".utf8), "config.json": Data("{}".utf8)] }
    try FileManager.default.removeItem(
      at: sandbox.url.appendingPathComponent(base + "snapshots/c/tokenizer.json"))
    let url = try Hub.folder(for: "o/m", kind: .model, settings: settings)
    #expect(FileManager.default.contents(atPath: url.path + "/tokenizer.json") == Data("[]".utf8))
  }

  @Test func aModelWithoutItsModulesIsCompleted() throws {
    let hub = FakeHub(.init(api: "models/o/m", commit: "c"))
    let base = ".cache/huggingface/hub/models--o--m/"
    try sandbox.file(base + "refs/main", "c")
    let modules =
      #"[{"path": "", "type": "a.Transformer"}, {"path": "1_Pooling", "type": "a.Pooling"}]"#
    for name in ["config.json", "model.safetensors", "tokenizer.json"] {
      try sandbox.file(base + "snapshots/c/" + name, "{}")
    }
    try sandbox.file(base + "snapshots/c/modules.json", modules)
    hub.change {
      $0.files = ["modules.json": Data(modules.utf8), "1_Pooling/config.json": Data("{}".utf8)]
    }
    let settings = hub.settings(in: sandbox)
    let url = try Hub.folder(for: "o/m", kind: .model, settings: settings)
    #expect(FileManager.default.contents(atPath: url.path + "/1_Pooling/config.json") != nil)
  }

  @Test func aNameWithoutOrganisationIsDownloaded() throws {
    let hub = FakeHub(.init(api: "models/gpt2", files: ["config.json": Data("{}".utf8)]))
    let url = try Hub.folder(for: "gpt2", kind: .model, settings: hub.settings(in: sandbox))
    #expect(url.path.contains("/models--gpt2/snapshots/"))
  }
}
