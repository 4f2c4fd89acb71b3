public import Foundation

/// What `preprocessor_config.json` says about images.
public struct ImageProcessorConfiguration: Sendable, Hashable, Codable {
  /// The size that an image is resized to.
  public enum Size: Sendable, Hashable, Codable {
    /// The shorter edge gets this length, the longer one keeps the proportions (rounded down).
    case shortestEdge(Int)
    case exact(height: Int, width: Int)
  }

  public enum Resample: String, Sendable, Hashable, Codable {
    case bilinear, bicubic
  }

  /// Models whose image processors have the same defaults.
  public enum Family: Sendable, Hashable, CaseIterable {
    /// The shorter edge, bicubically, and the middle of that; CLIP's colours.
    case clip
    /// To a square, bicubically.
    case siglip
    /// To a square, bilinearly.
    case vit
    /// As CLIP, with a name of its own.
    case bit
    /// As BiT, which its files name, with the colours of ImageNet, which they give as well.
    case dinov2
  }

  /// Nil: not resized.
  public var size: Size?
  public var resample = Resample.bicubic
  /// Cut out of the middle, with zeros around an image that is smaller; nil: not cropped.
  public var crop: Crop?
  /// Bytes are multiplied by this.
  public var rescaleFactor = 1.0 / 255
  /// Then this is subtracted, for red, green and blue.
  public var mean = [0.48145466, 0.4578275, 0.40821073]
  /// Then it is divided by this.
  public var deviation = [0.26862954, 0.26130258, 0.27577711]

  public struct Crop: Sendable, Hashable, Codable {
    public var height: Int, width: Int

    public init(height: Int, width: Int) {
      self.height = height
      self.width = width
    }
  }

  /// What a family does by itself, to an image size.
  public init(_ family: Family = .clip, imageSize: Int) {
    switch family {
    case .clip, .bit, .dinov2:
      size = .shortestEdge(imageSize)
      crop = Crop(height: imageSize, width: imageSize)
    case .siglip, .vit:
      size = .exact(height: imageSize, width: imageSize)
      resample = family == .vit ? .bilinear : .bicubic
      (mean, deviation) = ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])
    }
    if family == .dinov2 {
      (mean, deviation) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    }
  }

  private static let names = ["preprocessor_config.json", "processor_config.json"]

  /// Says of a model folder without image processing what is done then; nil where it has some.
  public static func assumption(folder: URL) -> String? {
    let isThere = names.contains {
      FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
    }
    return isThere ? nil : "no \(names[0]): pictures are processed as models of this family do"
  }

  /// Reads a model folder's `preprocessor_config.json`, else the `image_processor` of its
  /// `processor_config.json`; with neither, it is what the model's family does, to its image size.
  ///
  /// Keys that are absent have the defaults of the processor that the file names; where it names none,
  /// those of the model's family.
  public init(folder: URL, family: Family = .clip, imageSize: Int) throws {
    let exists = FileManager.default.fileExists(atPath:)
    let file = folder.appendingPathComponent(Self.names[0])
    let combined = folder.appendingPathComponent(Self.names[1])
    if exists(file.path) {
      try self.init(Settings(contentsOf: file), family)
    } else if exists(combined.path),
      let nested = try Settings(contentsOf: combined).nested("image_processor")
    {
      try self.init(nested, family)
    } else {
      self.init(family, imageSize: imageSize)
    }
  }

  init(_ settings: Settings, _ family: Family) throws {
    var settings = settings
    settings.checkImageProcessorKeys()
    let family = settings.imageProcessorFamily() ?? family
    self.init(family, imageSize: 224)
    let resizes = settings.bool("do_resize", default: true)
    let square =
      settings.bool("use_square_size", default: false)
      || settings.bool("default_to_square", default: family == .vit)
    size = resizes ? settings.size(square: square, default: size) : nil
    if resizes, let code = settings["resample"] {
      switch code.integer {
      case 2: resample = .bilinear
      case 3: resample = .bicubic
      default: settings.reject("resample", wanted: "2 (bilinear) or 3 (bicubic)")
      }
    }
    crop =
      settings.bool("do_center_crop", default: crop != nil) ? settings.crop(default: crop) : nil
    let factor = settings.number("rescale_factor", default: rescaleFactor)
    rescaleFactor = settings.bool("do_rescale", default: true) ? factor : 1
    let normalizes = settings.bool("do_normalize", default: true)
    mean = normalizes ? settings.channels("image_mean", default: mean) : [0, 0, 0]
    deviation = normalizes ? settings.channels("image_std", default: deviation) : [1, 1, 1]
    if deviation.contains(0) { settings.reject("image_std", wanted: "numbers above 0") }
    try settings.finish()
  }

  /// Height and width of what a frame becomes.
  public func outputSize(height: Int, width: Int) -> (height: Int, width: Int) {
    if let crop { return (crop.height, crop.width) }
    return resizedSize(height: height, width: width)
  }

  func resizedSize(height: Int, width: Int) -> (height: Int, width: Int) {
    switch size {
    case .exact(let height, let width): return (height, width)
    case .shortestEdge(let edge):
      // In this order, as Python computes it: int(edge * long / short).
      func long(_ long: Int, _ short: Int) -> Int { Int(Double(edge * long) / Double(short)) }
      return width <= height ? (long(height, width), edge) : (edge, long(width, height))
    case nil: return (height, width)
    }
  }

  /// The same text for the same pixels: part of what a cache of features is keyed by.
  public var identity: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: (try? encoder.encode(self)) ?? Data(), as: UTF8.self)
  }
}

extension Settings {
  /// A key that is not known here could change pixels: it must be absent, null or false.
  fileprivate mutating func checkImageProcessorKeys() {
    let known: Set<String> = [
      "do_resize", "size", "resample", "do_center_crop", "crop_size", "do_rescale",
      "rescale_factor", "do_normalize", "image_mean", "image_std", "use_square_size",
      "default_to_square", "image_processor_type", "feature_extractor_type",
    ]
    let harmless: Set<String> = [
      "do_convert_rgb", "processor_class", "data_format", "input_data_format", "return_tensors",
      "device", "disable_grouping", "image_seq_length",
    ]
    for key in fields.keys.sorted() where !known.contains(key) && !harmless.contains(key) {
      guard !key.hasPrefix("_"), let value = self[key], value != .bool(false) else { continue }
      if key != "pad_size" {
        reject(key, wanted: "it absent: what it does to images is not known here")
      }
    }
  }

  /// The family whose processor the file names; nil where it names none.
  fileprivate mutating func imageProcessorFamily() -> ImageProcessorConfiguration.Family? {
    let names: KeyValuePairs<String, ImageProcessorConfiguration.Family> = [
      "CLIPImageProcessor": .clip, "SiglipImageProcessor": .siglip, "ViTImageProcessor": .vit,
      "BitImageProcessor": .bit, "ChineseCLIPImageProcessor": .clip,
    ]
    // Old releases' names, and those of the classes for a library to resample with.
    let endings = ["FeatureExtractor", "ImageProcessorFast", "ImageProcessorPil"]
    for key in ["image_processor_type", "feature_extractor_type"] {
      guard let value = self[key] else { continue }
      if case .string(var name) = value {
        for ending in endings where name.hasSuffix(ending) {
          name = name.dropLast(ending.count) + "ImageProcessor"
        }
        if let family = names.first(where: { $0.key == name })?.value { return family }
      }
      reject(key, wanted: "one of \(names.map { $0.key }.joined(separator: ", "))")
      return nil
    }
    return nil
  }

  fileprivate mutating func size(
    square: Bool, default size: ImageProcessorConfiguration.Size?
  ) -> ImageProcessorConfiguration.Size? {
    guard let value = self["size"] else { return size }
    if let side = value.integer, (1...largestSide).contains(side) {
      return square ? .exact(height: side, width: side) : .shortestEdge(side)
    }
    if let (height, width) = heightAndWidth(value) { return .exact(height: height, width: width) }
    if let edges = value.object, edges.count == 1, let edge = edges["shortest_edge"]?.integer,
      (1...largestSide).contains(edge)
    {
      return .shortestEdge(edge)
    }
    reject(
      "size",
      wanted:
        "an integer, {\"shortest_edge\"} or {\"height\", \"width\"}, of 1 to \(largestSide) pixels")
    return size
  }

  fileprivate mutating func crop(
    default crop: ImageProcessorConfiguration.Crop?
  ) -> ImageProcessorConfiguration.Crop? {
    if self["crop_size"] == nil, let crop { return crop }
    if let side = self["crop_size"]?.integer, (1...largestSide).contains(side) {
      return .init(height: side, width: side)
    }
    if let (height, width) = self["crop_size"].flatMap(heightAndWidth) {
      return .init(height: height, width: width)
    }
    reject(
      "crop_size",
      wanted: "an integer or {\"height\", \"width\"}, of 1 to \(largestSide) pixels")
    return crop
  }

  private func heightAndWidth(_ value: JSON) -> (height: Int, width: Int)? {
    let sides =
      if let sides = value.array { sides } else {
        value.object.map { [$0["height"] ?? .null, $0["width"] ?? .null] } ?? []
      }
    guard sides.count == 2, (value.object?.count ?? 2) == 2, let height = sides[0].integer,
      let width = sides[1].integer, (1...largestSide).contains(height),
      (1...largestSide).contains(width)
    else { return nil }
    return (height, width)
  }

  /// Three numbers, or one for all channels.
  fileprivate mutating func channels(_ key: String, default values: [Double]) -> [Double] {
    guard let value = self[key] else { return values }
    if let number = value.number { return [number, number, number] }
    let numbers = value.array?.compactMap(\.number) ?? []
    if numbers.count == 3, value.array?.count == 3 { return numbers }
    reject(key, wanted: "three numbers")
    return values
  }
}
