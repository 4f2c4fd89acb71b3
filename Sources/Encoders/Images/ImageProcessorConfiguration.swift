public import Foundation

/// What `preprocessor_config.json` says about images; defaults are CLIP's.
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

  /// CLIP's own processing, to a model's image size.
  public init(imageSize: Int) {
    size = .shortestEdge(imageSize)
    crop = Crop(height: imageSize, width: imageSize)
  }

  /// Reads a model folder's `preprocessor_config.json`, else the `image_processor` of its
  /// `processor_config.json`; with neither, it is CLIP's processing to the model's image size.
  public init(folder: URL, imageSize: Int) throws {
    let exists = FileManager.default.fileExists(atPath:)
    let file = folder.appendingPathComponent("preprocessor_config.json")
    let combined = folder.appendingPathComponent("processor_config.json")
    if exists(file.path) {
      try self.init(Settings(contentsOf: file))
    } else if exists(combined.path),
      let nested = try Settings(contentsOf: combined).nested("image_processor")
    {
      try self.init(nested)
    } else {
      self.init(imageSize: imageSize)
    }
  }

  init(_ settings: Settings) throws {
    var settings = settings
    self.init(imageSize: 224)
    settings.checkImageProcessorKeys()
    let resizes = settings.bool("do_resize", default: true)
    let square =
      settings.bool("use_square_size", default: false)
      || settings.bool("default_to_square", default: false)
    size = resizes ? settings.size(square: square) : nil
    if resizes, let code = settings["resample"] {
      switch code.integer {
      case 2: resample = .bilinear
      case 3: resample = .bicubic
      default: settings.reject("resample", wanted: "2 (bilinear) or 3 (bicubic)")
      }
    }
    crop = settings.bool("do_center_crop", default: true) ? settings.crop() : nil
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
      "default_to_square",
    ]
    let harmless: Set<String> = [
      "do_convert_rgb", "processor_class", "data_format", "input_data_format", "return_tensors",
      "device", "disable_grouping", "image_seq_length",
    ]
    let types = [
      "CLIPImageProcessor", "CLIPImageProcessorFast", "CLIPImageProcessorPil",
      "CLIPFeatureExtractor",
    ]
    for key in fields.keys.sorted() where !known.contains(key) && !harmless.contains(key) {
      guard !key.hasPrefix("_"), let value = self[key], value != .bool(false) else { continue }
      if key == "image_processor_type" || key == "feature_extractor_type" {
        if case .string(let type) = value, types.contains(type) { continue }
        reject(key, wanted: "\"CLIPImageProcessor\"")
      } else if key != "pad_size" {
        reject(key, wanted: "it absent: what it does to images is not known here")
      }
    }
  }

  fileprivate mutating func size(square: Bool) -> ImageProcessorConfiguration.Size {
    guard let value = self["size"] else { return .shortestEdge(224) }
    if let side = value.integer, side > 0 {
      return square ? .exact(height: side, width: side) : .shortestEdge(side)
    }
    if let (height, width) = heightAndWidth(value) { return .exact(height: height, width: width) }
    if let edges = value.object, edges.count == 1, let edge = edges["shortest_edge"]?.integer,
      edge > 0
    {
      return .shortestEdge(edge)
    }
    reject("size", wanted: "an integer, {\"shortest_edge\"} or {\"height\", \"width\"}")
    return .shortestEdge(224)
  }

  fileprivate mutating func crop() -> ImageProcessorConfiguration.Crop {
    guard let value = self["crop_size"] else { return .init(height: 224, width: 224) }
    if let side = value.integer, side > 0 { return .init(height: side, width: side) }
    if let (height, width) = heightAndWidth(value) { return .init(height: height, width: width) }
    reject("crop_size", wanted: "an integer or {\"height\", \"width\"}")
    return .init(height: 224, width: 224)
  }

  private func heightAndWidth(_ value: JSON) -> (height: Int, width: Int)? {
    let sides =
      if let sides = value.array { sides } else {
        value.object.map { [$0["height"] ?? .null, $0["width"] ?? .null] } ?? []
      }
    guard sides.count == 2, (value.object?.count ?? 2) == 2, let height = sides[0].integer,
      let width = sides[1].integer, height > 0, width > 0
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
