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

  /// What make_fixtures.py and make_vision_fixtures.py wrote.
  static func read(_ file: String) throws -> (listing: Listing, settings: [String: Data]) {
    let data = try Data(contentsOf: URL(fileURLWithPath: Fixture.path(file + ".json")))
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

  static func processor(_ settings: Data) throws -> ImageProcessor {
    return try Fixture.withFolder { folder in
      try settings.write(to: folder.appendingPathComponent("preprocessor_config.json"))
      return ImageProcessor(try ImageProcessorConfiguration(folder: folder, imageSize: 1))
    }
  }

  @Test(arguments: [
    ("images", "clip"), ("images", "clip-legacy"), ("images", "crop-64"),
    ("images", "bilinear-box"), ("images", "crop-alone"), ("processors", "siglip"),
    ("processors", "siglip2"), ("processors", "siglip-edge"), ("processors", "vit"),
    ("processors", "vit-legacy"), ("processors", "dinov2"), ("processors", "bit"),
  ])
  func bytesMatchPIL(file: String, name: String) throws {
    let (listing, settings) = try Self.read(file)
    let layout = try #require(listing.processors[name])
    let original = try Self.processor(try #require(settings[name]))
    var processor = original.configuration
    processor.rescaleFactor = 1
    processor.mean = [0, 0, 0]
    processor.deviation = [1, 1, 1]
    let expected = try Fixture.tensors(file)
    let normalized = try Fixture.tensors(file + "-normalized")
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
        expectClose(sampled(original), theirs, tolerance: 1e-6, key)
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

  /// By hand, of what `transformers` and the files of the models have.
  @Test func everyFamilyHasItsOwnProcessing() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("no-such-folder")
    for family in ImageProcessorConfiguration.Family.allCases {
      let own = try ImageProcessorConfiguration(folder: folder, family: family, imageSize: 42)
      #expect(own == ImageProcessorConfiguration(family, imageSize: 42))
      let isSquare = family == .siglip || family == .vit
      #expect(own.size == (isSquare ? .exact(height: 42, width: 42) : .shortestEdge(42)))
      #expect(own.crop == (isSquare ? nil : .init(height: 42, width: 42)))
      #expect(own.resample == (family == .vit ? .bilinear : .bicubic))
      #expect(own.outputSize(height: 480, width: 640) == (42, 42))
      let red = [0.48145466, 0.48145466, 0.5, 0.5, 0.485]
      let order: [ImageProcessorConfiguration.Family] = [.clip, .bit, .siglip, .vit, .dinov2]
      #expect(own.mean[0] == red[try #require(order.firstIndex(of: family))])
    }
    for (name, family) in [("vit", "bilinear"), ("siglip", "bicubic"), ("dinov2", "bicubic")] {
      let vision = try Vision.load(Fixture.path("vision/\(name)"), seed: 0)
      #expect(vision.processor.configuration.resample.rawValue == family)
      let side = vision.model.imageSize
      #expect(vision.processor.configuration.outputSize(height: 9, width: 70) == (side, side))
    }
  }

  /// Where a file names no processor, absent keys have the defaults of the model's family.
  @Test func aFileWithoutATypeIsOfTheModelsFamily() throws {
    try Fixture.withFolder { folder in
      try Data(#"{"size": 40}"#.utf8)
        .write(to: folder.appendingPathComponent("preprocessor_config.json"))
      let read = { try ImageProcessorConfiguration(folder: folder, family: $0, imageSize: 1) }
      #expect(try read(.vit).size == .exact(height: 40, width: 40))
      #expect(try read(.vit).crop == nil)
      #expect(try read(.siglip).size == .shortestEdge(40))
      #expect(try read(.dinov2).crop == .init(height: 224, width: 224))
      #expect(try read(.dinov2).mean == [0.485, 0.456, 0.406])
    }
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
    (
      #"{"image_processor_type": "PoolFormerImageProcessor", "do_pad": true}"#,
      "do_pad is true, wanted it absent: what it does to images is not known here; "
        + "image_processor_type is \"PoolFormerImageProcessor\", wanted one of CLIPImageProcessor, "
        + "SiglipImageProcessor, ViTImageProcessor, BitImageProcessor, ChineseCLIPImageProcessor"
    ),
    (#"{"feature_extractor_type": 3}"#, "feature_extractor_type is 3, wanted one of CLIP"),
    (
      #"{"image_processor_type": "SiglipImageProcessor", "do_center_crop": true}"#,
      "crop_size is absent, wanted an integer or"
    ),
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
