import Foundation
import Testing

import Hub

@Suite struct ModelFilesTests {
  let sandbox = Sandbox()

  func weights() throws -> (kind: String, names: [String]) {
    let files = try ModelFiles(folder: sandbox.url)
    let names = files.weights.urls.map(\.lastPathComponent)
    switch files.weights {
    case .safetensors: return ("safetensors", names)
    case .pickled: return ("pickled", names)
    case .none: return ("none", names)
    }
  }

  func message() -> String {
    do { _ = try ModelFiles(folder: sandbox.url) } catch { return "\(error)" }
    return "(no error)"
  }

  @Test func filesAreChosenInOrder() throws {
    #expect(message().contains("there is no config.json"))
    try sandbox.file("config.json", "{}")
    #expect(try weights() == ("none", []))
    let index = #"{"weight_map": {"a": "pytorch_model-2.bin", "b": "pytorch_model-1.bin"}}"#
    try sandbox.file("pytorch_model.bin.index.json", index)
    #expect(message().contains("2 of 2 shards"))
    try sandbox.file("pytorch_model-1.bin")
    #expect(message().contains("1 of 2 shards"))
    #expect(message().contains("missing: pytorch_model-2.bin"))
    try sandbox.file("pytorch_model-2.bin")
    #expect(try weights() == ("pickled", ["pytorch_model-1.bin", "pytorch_model-2.bin"]))
    try sandbox.file("pytorch_model.bin")
    #expect(try weights() == ("pickled", ["pytorch_model.bin"]))
    try sandbox.file("model.safetensors.index.json", #"{"weight_map": {"a": "m-1.safetensors"}}"#)
    try sandbox.file("m-1.safetensors")
    #expect(try weights() == ("safetensors", ["m-1.safetensors"]))
    try sandbox.file("model.safetensors")
    #expect(try weights() == ("safetensors", ["model.safetensors"]))
  }

  @Test func aTrapIsAnError() throws {
    try sandbox.file("config.json", "{}")
    try sandbox.file("training_args.bin")
    #expect(try weights() == ("none", []))
    try sandbox.file("tf_model.h5")
    #expect(message().contains("holds tf_model.h5, but weights are read from"))
    try sandbox.file("model.safetensors.index.json", "{}")
    #expect(message().contains("wanted the key weight_map"))
    try FileManager.default.createSymbolicLink(
      atPath: sandbox.url.path + "/model.safetensors", withDestinationPath: "nowhere")
    #expect(message().contains("model.safetensors: is a link to nothing"))
  }
}
