import Encoders
import Foundation
import Mutations
import Testing
import Torch

/// Sizes that no model has are refused before they are believed.
@Suite struct HostileSizesTests {
  private func message(_ name: String, keepsWeights: Bool, _ changes: [(String, String)]) throws
    -> String
  {
    try Fixture.withFolder(copying: "text/" + name) { folder in
      let file = folder.appendingPathComponent("config.json")
      var text = try String(contentsOf: file, encoding: .utf8)
      for (key, value) in changes {
        text = text.replacing(try Regex("\"\(key)\": [^,\\n]+"), with: "\"\(key)\": \(value)")
      }
      try Data(text.utf8).write(to: file)
      if !keepsWeights {
        for file in ["model.safetensors", "expected.safetensors"] {
          try FileManager.default.removeItem(at: folder.appendingPathComponent(file))
        }
      }
      return EncodersTests.message { _ = try Text.load(folder.path, seed: 0) }
        .replacing(folder.path + "/", with: "")
    }
  }

  /// Whether there are weights to compare with or not.
  @Test(arguments: [true, false])
  func oneByOne(keepsWeights: Bool) throws {
    func message(_ key: String, _ value: String) throws -> String {
      try self.message("bert-a", keepsWeights: keepsWeights, [(key, value)])
    }
    for (key, value) in [
      ("hidden_size", "1000000000"), ("num_hidden_layers", "1000000"),
      ("vocab_size", "1000000000000"), ("intermediate_size", "4294967296"),
      ("max_position_embeddings", "9223372036854775807"), ("num_hidden_layers", "1e300"),
      ("layer_norm_eps", "1e300"),
    ] {
      let text = try message(key, value)
      #expect(text.hasPrefix("config.json: \(key) is "), "\(text)")
      #expect(text.contains("at least ") && text.contains(" and at most "), "\(text)")
    }
    for (key, value) in [
      ("hidden_size", "-8"), ("num_attention_heads", "0"), ("num_hidden_layers", "0"),
      ("vocab_size", "-9223372036854775808"), ("type_vocab_size", "0"),
    ] {
      #expect(
        try message(key, value).hasPrefix("config.json: \(key) is \(value), wanted an integer"))
    }
    #expect(
      try message("num_attention_heads", "5")
        == "config.json: hidden_size is 12, wanted a multiple of num_attention_heads, which is 5.")
  }

  /// Each size within bounds, all of them together far beyond what the weights hold or memory does.
  @Test func together() throws {
    let sizes = [
      ("hidden_size", "16777216"), ("intermediate_size", "16777216"), ("vocab_size", "16777216"),
      ("num_hidden_layers", "1024"), ("num_attention_heads", "1"),
    ]
    let withWeights = try message("bert-a", keepsWeights: true, sizes)
    #expect(withWeights.hasPrefix("config.json: its sizes make a model of more than "))
    #expect(withWeights.hasSuffix("; take the config.json that came with the weights."))
    let drawn = try message("bert-a", keepsWeights: false, sizes)
    #expect(
      drawn
        == "config.json: its sizes make a model of more than 1073741824 numbers, and there are no "
        + "weights beside it; wanted weights, or smaller sizes to draw them for.")
  }

  @Test func pictures() throws {
    try Fixture.withFolder(copying: "clip-a") { folder in
      let file = folder.appendingPathComponent("preprocessor_config.json")
      for (settings, wanted) in [
        (#"{"size": 1000000000}"#, "size is 1000000000, wanted an integer"),
        (#"{"size": {"shortest_edge": 16385}}"#, "of 1 to 16384 pixels"),
        (#"{"crop_size": {"height": 3, "width": 1e9}}"#, "crop_size is {height, width}, wanted"),
        (
          #"{"rescale_factor": 1e300}"#, "rescale_factor is 1e+300, wanted a number, at least 0 and"
        ),
      ] {
        try Data(settings.utf8).write(to: file)
        let text = EncodersTests.message { _ = try Vision.load(folder.path, seed: 0) }
        #expect(text.contains(wanted) && !text.contains("\n"), "\(text)")
      }
      try Data(#"{"size": 64, "do_center_crop": true, "crop_size": 32}"#.utf8).write(to: file)
      let vision = try Vision.load(folder.path, seed: 0)
      let text = EncodersTests.message {
        _ = try vision.processedSize(frameHeight: 1, frameWidth: 16384)
      }
      #expect(text.contains("resizes frames of 16384x1 to 1048576x64, wanted at most 16384"))
      let config = folder.appendingPathComponent("config.json")
      let original = try String(contentsOf: config, encoding: .utf8)
      for (key, value) in [("image_size", "1000000000"), ("patch_size", "0"), ("image_size", "-1")]
      {
        let changed = original.replacing(
          try Regex("\"\(key)\": [0-9]+"), with: "\"\(key)\": \(value)")
        #expect(changed != original)
        try Data(changed.utf8).write(to: config)
        let text = EncodersTests.message { _ = try Vision.load(folder.path, seed: 0) }
        #expect(text.contains("\(key) is \(value), wanted an integer"), "\(text)")
      }
    }
  }

  /// Every value of every family's files, put away or set to another; `RECAP_MUTANTS` says how many.
  @Test func mutants() throws {
    let folders =
      ["text", "vision"].flatMap { kind in
        ((try? FileManager.default.contentsOfDirectory(atPath: Fixture.path(kind))) ?? [])
          .map { (kind, "\(kind)/\($0)") }
      }.sorted { $0.1 < $1.1 } + [("vision", "clip-a"), ("vision", "clip-b")]
    #expect(folders.count > 25)
    let count = mutantCount(300) / folders.count + 1
    var (tried, refused) = (0, 0)
    for (kind, name) in folders {
      try Fixture.withFolder(copying: name) { folder in
        func load() throws {
          guard kind == "vision" else {
            let text = try Text.load(folder.path, seed: 0).model
            let size = min(text.vocabularySize, text.maximumLength, 3)
            _ = text.features(Tensor((0..<size).map { $0 }, shape: [1, size]))
            return
          }
          let vision = try Vision.load(folder.path, seed: 0)
          let size = try vision.processedSize(frameHeight: 24, frameWidth: 31)
          guard size.height * size.width < 1 << 20 else { return }
          let frames = Tensor.zeros([1, 24, 31, 3], dtype: .uint8)
          _ = vision.model.features(vision.processor(frames))
        }
        // Once with the weights, once without.
        for step in 0..<2 {
          for file in [
            "config.json", "preprocessor_config.json", "modules.json", "1_Pooling/config.json",
          ] {
            let url = folder.appendingPathComponent(file)
            guard let text = try? String(contentsOf: url, encoding: .utf8) else { continue }
            let forged = try forgedJSON(text, count: count)
            tried += forged.count
            refused += try refusals(of: forged, at: url, read: load) {
              Issue.record("\(name): \($0)")
            }
          }
          if step == 0 {
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            for file in files where file.hasSuffix(".safetensors") {
              try FileManager.default.removeItem(at: folder.appendingPathComponent(file))
            }
          }
        }
      }
    }
    print("encoders' configurations: \(tried) mutants, \(refused) refused")
    #expect(tried >= mutantCount(300) && refused > tried / 4 && refused < tried)
  }
}
