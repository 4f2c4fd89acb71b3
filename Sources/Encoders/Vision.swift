public import Foundation
import Hub

/// A vision encoder as its folder describes it.
public struct LoadedVision {
  public let model: any VisionEncoder
  /// Turns camera frames into what the model takes.
  public let processor: ImageProcessor
  public let folder: URL
  /// Content hashes of the weight files (`sha256:…`), or `seed:N` for a model without any.
  public let weightsIdentity: String
  /// What the features of a frame depend on: weights, `config.json` and image processing.
  public let identity: String
}

/// Loads vision encoders of every family in ``families``.
public enum Vision {
  public static var supportedModelTypes: [String] { families.flatMap(\.modelTypes).sorted() }

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
      model: model, processor: ImageProcessor(processing), folder: folder.url,
      weightsIdentity: identity.weights, identity: identity.model + " " + processing.identity)
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
