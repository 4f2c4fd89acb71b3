public import Foundation
import Hub
import Torch

/// A vision encoder as its folder describes it.
public struct LoadedVision {
  public let model: any VisionEncoder
  /// Turns camera frames into what the model takes.
  public let processor: CLIPImageProcessor
  public let folder: URL
  /// Content hashes of the weight files (`sha256:…`), or `seed:N` for a model without any.
  public let weightsIdentity: String
  /// What the features of a frame depend on: weights, `config.json` and image processing.
  public let identity: String
}

/// A text encoder as its folder describes it.
public struct LoadedText {
  public let model: any TextEncoder
  public let folder: URL
  /// Content hashes of the weight files (`sha256:…`), or `seed:N` for a model without any.
  public let weightsIdentity: String
  /// What the features of a text depend on, apart from its tokens: weights and `config.json`.
  public let identity: String
}

/// The families of vision encoders, by `model_type`.
public enum Vision {
  private static let families: [String: @Sendable (ModelFolder) throws -> any VisionEncoder] = [
    "clip": clip, "clip_vision_model": clip,
  ]

  public static var supportedModelTypes: [String] { families.keys.sorted() }

  /// Loads a vision encoder, in float32 on the CPU, and its image processing.
  ///
  /// - Parameters:
  ///   - name: A folder, or a name in the Hugging Face cache.
  ///   - seed: Draws the weights of a folder that has `config.json` and no weights.
  ///   - processorName: The folder or name whose image processing to use; nil: the model's own.
  /// - Throws: One line that names the file, the key and what was expected.
  public static func load(
    _ name: String, seed: UInt64, processorName: String? = nil
  ) throws -> LoadedVision {
    let folder = try ModelFolder(name, seed: seed)
    let model = try folder.build(families, kind: "vision")
    let processing = try ImageProcessorConfiguration(
      folder: try processorName.map { try Hub.folder(for: $0) } ?? folder.url,
      imageSize: model.imageSize)
    let identity = try folder.identity()
    return LoadedVision(
      model: model, processor: CLIPImageProcessor(processing), folder: folder.url,
      weightsIdentity: identity.weights, identity: identity.model + " " + processing.identity)
  }

  @Sendable private static func clip(_ folder: ModelFolder) throws -> any VisionEncoder {
    let configuration = try CLIPVisionConfiguration(folder.settings)
    return try folder.load(CLIPVisionModel.self) { initializer, _ in
      CLIPVisionModel(configuration, initializer)
    }
  }
}

extension LoadedVision {
  /// Checks that frames of this size can be encoded.
  ///
  /// - Throws: ``EncoderError`` when processing makes another size of them than the model takes.
  public func check(frameHeight: Int, frameWidth: Int) throws {
    let size = processor.configuration.outputSize(height: frameHeight, width: frameWidth)
    guard size == (model.imageSize, model.imageSize) else {
      throw EncoderError(
        "\(folder.path): image processing makes frames of \(frameWidth)x\(frameHeight) "
          + "into \(size.width)x\(size.height), but the model's config.json wants "
          + "\(model.imageSize)x\(model.imageSize); correct size or crop_size in "
          + "preprocessor_config.json.")
    }
  }
}

/// The families of text encoders, by `model_type`.
public enum Text {
  private static let families: [String: @Sendable (ModelFolder) throws -> any TextEncoder] = [
    "bert": bert
  ]

  public static var supportedModelTypes: [String] { families.keys.sorted() }

  /// Loads a text encoder, in float32 on the CPU.
  ///
  /// - Parameters: as of ``Vision/load(_:seed:processorName:)``.
  /// - Throws: One line that names the file, the key and what was expected.
  public static func load(_ name: String, seed: UInt64) throws -> LoadedText {
    let folder = try ModelFolder(name, seed: seed)
    let model = try folder.build(families, kind: "text")
    let identity = try folder.identity()
    return LoadedText(
      model: model, folder: folder.url, weightsIdentity: identity.weights,
      identity: identity.model)
  }

  /// Weights without a pooler make a model without one.
  @Sendable private static func bert(_ folder: ModelFolder) throws -> any TextEncoder {
    let configuration = try BERTConfiguration(folder.settings)
    return try folder.load(BERTModel.self) { initializer, names in
      let pooler = names?.contains { $0.hasPrefix("pooler.") } ?? true
      return BERTModel(configuration, initializer, pooler: pooler)
    }
  }
}

/// A model's folder while it is read.
private struct ModelFolder {
  let url: URL
  let settings: Settings
  let weights: WeightFiles
  let seed: UInt64

  init(_ name: String, seed: UInt64) throws {
    url = try Hub.folder(for: name)
    let files = try ModelFiles(folder: url)
    settings = try Settings(contentsOf: files.configuration)
    weights = WeightFiles(files: files)
    self.seed = seed
  }

  func build<Model>(
    _ families: [String: @Sendable (ModelFolder) throws -> Model], kind: String
  ) throws -> Model {
    guard case .string(let type)? = settings["model_type"], let family = families[type] else {
      let found = settings["model_type"]?.shortText ?? "absent"
      let supported = families.keys.sorted().joined(separator: ", ")
      throw EncoderError(
        "\(settings.file): model_type is \(found); \(kind) encoders are of type \(supported).")
    }
    return try family(self)
  }

  /// Makes a model and gives it the folder's weights, or draws them from the seed.
  ///
  /// - Parameter make: gets the names of the weights, or nil where there are none.
  func load<Model: Encoder>(
    _: Model.Type, _ make: (Initializer, Set<String>?) -> Model
  ) throws -> Model {
    guard let state = try weights.read() else {
      return make(Initializer(generator: Generator(seed: seed)), nil)
    }
    let named = try parameters(of: state, file: url.path, resolve: Model.resolve)
    let model = make(Initializer(generator: nil), Set(named.keys))
    do {
      try model.load(named)
    } catch let error as StateError {
      throw EncoderError("\(url.path): \(error)")
    }
    return model
  }

  func identity() throws -> (weights: String, model: String) {
    let weights = try self.weights.identity(seed: seed)
    let configuration = try FileHash.sha256(of: self.weights.files.configuration)
    return (weights, "\(weights) config.json:\(configuration)")
  }
}
