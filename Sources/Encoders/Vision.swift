public import Foundation
import Hub
public import Torch

/// A vision encoder as its folder describes it.
public struct LoadedVision {
  public let model: any VisionEncoder
  /// Turns camera frames into what the model takes.
  public let processor: ImageProcessor
  public let folder: URL
  /// Content hashes of the weight files (`sha256:…`), or `seed:N` for a model without any.
  public let weightsIdentity: String
  /// What the features of a frame depend on: weights, `config.json` and image processing.
  public private(set) var identity: String

  /// Makes the model compute in another precision.
  public mutating func convert(to dtype: DType) {
    model.to(dtype)
    identity += " \(dtype)"
  }
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
      family: model.processing, imageSize: model.imageSize)
    let identity = try folder.identity()
    return LoadedVision(
      model: model, processor: ImageProcessor(processing), folder: folder.url,
      weightsIdentity: identity.weights, identity: identity.model + " " + processing.identity)
  }
}

extension LoadedVision {
  /// What processing makes of frames of a size.
  ///
  /// - Throws: ``EncoderError`` when that is smaller than one of the model's patches, or when frames become
  ///   larger than any picture.
  public func processedSize(
    frameHeight: Int, frameWidth: Int
  ) throws -> (height: Int, width: Int) {
    let resized = processor.configuration.resizedSize(height: frameHeight, width: frameWidth)
    guard max(resized.height, resized.width) <= largestSide else {
      throw EncoderError(
        "\(folder.path): image processing resizes frames of \(frameWidth)x\(frameHeight) to "
          + "\(resized.width)x\(resized.height), wanted at most \(largestSide) pixels each way; "
          + "correct size in preprocessor_config.json, or the frames.")
    }
    let size = processor.configuration.outputSize(height: frameHeight, width: frameWidth)
    guard min(size.height, size.width) >= model.patchSize else {
      throw EncoderError(
        "\(folder.path): image processing makes frames of \(frameWidth)x\(frameHeight) "
          + "into \(size.width)x\(size.height), but the model's patches are "
          + "\(model.patchSize)x\(model.patchSize); correct size or crop_size in "
          + "preprocessor_config.json.")
    }
    return size
  }
}
