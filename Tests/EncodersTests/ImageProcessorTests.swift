import Encoders
import Foundation
import Testing
import Torch

@Suite struct ImageProcessorTests {
  struct Listing: Decodable {
    struct Processor: Decodable {
      let output: [Int], rows: [Int], columns: [Int]
    }
    let sizes: [[Int]]
    let processors: [String: Processor]
  }

  static let listing = Result {
    let data = try Data(contentsOf: URL(fileURLWithPath: Fixture.path("images.json")))
    let fields = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    let processors = fields?["processors"] as? [String: [String: Any]] ?? [:]
    let settings = try processors.compactMapValues { processor in
      try processor["preprocessor_config"].map { try JSONSerialization.data(withJSONObject: $0) }
    }
    return (listing: try JSONDecoder().decode(Listing.self, from: data), settings: settings)
  }

  /// The pixel at row y, column x, channel c is (3·y·y + 5·x + (x·y) // 16 + 37·c) mod 256.
  static func syntheticFrame(width: Int, height: Int) -> Tensor {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(width * height * 3)
    for y in 0..<height {
      for x in 0..<width {
        let base = 3 * y * y + 5 * x + (x * y) / 16
        for c in 0..<3 { bytes.append(UInt8((base + 37 * c) % 256)) }
      }
    }
    return Tensor(bytes, shape: [1, height, width, 3])
  }

  static func processor(_ name: String) throws -> ImageProcessor {
    let settings = try #require(try listing.get().settings[name])
    return try Fixture.withFolder { folder in
      try settings.write(to: folder.appendingPathComponent("preprocessor_config.json"))
      return ImageProcessor(try ImageProcessorConfiguration(folder: folder, imageSize: 1))
    }
  }

  @Test(arguments: ["clip", "clip-legacy", "crop-64", "bilinear-box", "crop-alone"])
  func bytesMatchPIL(name: String) throws {
    let listing = try Self.listing.get().listing
    let layout = try #require(listing.processors[name])
    var processor = try Self.processor(name).configuration
    processor.rescaleFactor = 1
    processor.mean = [0, 0, 0]
    processor.deviation = [1, 1, 1]
    let expected = try Fixture.tensors("images")
    let normalized = try Fixture.tensors("images-normalized")
    let rows = Tensor(layout.rows.map(Int64.init))
    let columns = Tensor(layout.columns.map(Int64.init))
    for size in listing.sizes {
      let (width, height) = (size[0], size[1])
      let frame = Self.syntheticFrame(width: width, height: height)
      let output = processor.outputSize(height: height, width: width)
      #expect([output.height, output.width, 3] == layout.output, "\(width)x\(height)")

      func sampled(_ processor: ImageProcessor) -> Tensor {
        let pixels = processor(frame).select(dim: 0, index: 0).permute(1, 2, 0)
        #expect(pixels.shape == layout.output, "\(width)x\(height)")
        return pixels.indexSelect(dim: 0, index: rows).indexSelect(dim: 1, index: columns)
      }
      let key = "\(name)/\(width)x\(height)"
      let ours = sampled(ImageProcessor(processor))
      let theirs = try #require(expected[key]).to(.float32)
      #expect((ours - theirs).abs().max().item() == 0, "\(key)")
      if let theirs = normalized["\(key)/normalized"] {
        expectClose(sampled(try Self.processor(name)), theirs, tolerance: 1e-6, key)
      }
    }
  }

  @Test func aBatchIsItsFrames() throws {
    let processor = ImageProcessor(ImageProcessorConfiguration(imageSize: 32))
    let a = Self.syntheticFrame(width: 50, height: 37)
    let b = a.flip(dims: [1]).contiguous()
    let both = processor(Tensor.cat([a, b]))
    #expect(both[0].floats == processor(a)[0].floats)
    #expect(both[1].floats == processor(b)[0].floats)
  }

  /// By hand: a white frame and a black one, through CLIP's mean and deviation of red.
  @Test func normalisesByHand() {
    let processor = ImageProcessor(ImageProcessorConfiguration(imageSize: 2))
    let white = processor(Tensor.full([1, 4, 4, 3], 255, dtype: .uint8))
    let black = processor(Tensor.zeros([1, 4, 4, 3], dtype: .uint8))
    #expect(white.shape == [1, 3, 2, 2])
    #expect(abs(white.floats[0] - 1.930336) < 1e-5)  // (1 − 0.48145466) / 0.26862954
    #expect(abs(black.floats[0] + 1.792263) < 1e-5)
  }

  @Test func withoutAFileItIsCLIPs() throws {
    let configuration = try Fixture.withFolder {
      try ImageProcessorConfiguration(folder: $0, imageSize: 96)
    }
    #expect(configuration == ImageProcessorConfiguration(imageSize: 96))
    #expect(configuration.size == .shortestEdge(96))
  }

  @Test func readsACombinedProcessorFile() throws {
    let configuration = try Fixture.withFolder { folder in
      try Data(#"{"image_processor": {"size": 48, "crop_size": 40}, "tokenizer": {}}"#.utf8)
        .write(to: folder.appendingPathComponent("processor_config.json"))
      return try ImageProcessorConfiguration(folder: folder, imageSize: 96)
    }
    #expect(configuration.size == .shortestEdge(48))
    #expect(configuration.crop == ImageProcessorConfiguration.Crop(height: 40, width: 40))
  }

  @Test(arguments: [
    (#"{"do_pad": true}"#, "do_pad is true"),
    (#"{"crop_pct": 0.9}"#, "crop_pct is 0.9"),
    (#"{"resample": 1}"#, "resample is 1, wanted 2 (bilinear) or 3 (bicubic)"),
    (#"{"size": {"shortest_edge": 4, "longest_edge": 8}}"#, "size is {longest_edge, short"),
    (#"{"image_mean": [1, 2]}"#, "image_mean is [1, 2], wanted three numbers"),
    (#"{"image_std": [1, 0, 1]}"#, "image_std is [1, 0, 1], wanted numbers above 0"),
    (#"{"do_resize": 1}"#, "do_resize is 1, wanted true or false"),
    (#"{"image_processor_type": "ViTImageProcessor"}"#, "wanted \"CLIPImageProcessor\""),
    (#"{"size": 22"#, "is not a JSON object"),
  ])
  func whatItCannotDoIsAnError(json: String, expected: String) throws {
    let text = try Fixture.withFolder { folder in
      let file = folder.appendingPathComponent("preprocessor_config.json")
      try Data(json.utf8).write(to: file)
      return message { _ = try ImageProcessorConfiguration(folder: folder, imageSize: 1) }
    }
    #expect(text.contains(expected) && text.contains("preprocessor_config.json"), "\(text)")
    #expect(!text.contains("\n"))
  }
}
