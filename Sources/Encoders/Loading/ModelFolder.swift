import Foundation
import Hub
import Torch

/// A model's folder while it is read.
struct ModelFolder {
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
    _ families: [Family<Model>], kind: String
  ) throws -> Model {
    guard case .string(let type)? = settings["model_type"],
      let family = families.first(where: { ($0.modelTypes + $0.refusedTypes).contains(type) })
    else {
      let found = settings["model_type"]?.shortText ?? "absent"
      let supported = families.flatMap(\.modelTypes).sorted().joined(separator: ", ")
      throw EncoderError(
        "\(settings.file): model_type is \(found); \(kind) encoders are of type \(supported).")
    }
    return try family.load(self)
  }

  /// Makes a model and gives it the folder's weights, or draws them from the seed.
  ///
  /// - Parameter make: gets the names of the weights, or nil where there are none.
  func load<Model: Encoder>(
    _: Model.Type, _ make: (Initializer, Set<String>?) -> Model
  ) throws -> Model {
    do {
      return try attempt {
        guard let state = try weights.read() else {
          let initializer = Initializer(generator: Generator(seed: seed), limit: Self.largestDrawn)
          let model = make(initializer, nil)
          guard initializer.count != nil else {
            throw EncoderError(
              "\(settings.file): its sizes make a model of more than \(initializer.limit) numbers, and "
                + "there are no weights beside it; wanted weights, or smaller sizes to draw them for."
            )
          }
          return model
        }
        let named = try parameters(of: state, file: url.path, resolve: Model.resolve)
        let initializer = Initializer(generator: nil, toTake: state)
        let model = make(initializer, Set(named.keys))
        guard initializer.count != nil else {
          throw EncoderError(
            "\(settings.file): its sizes make a model of more than \(initializer.limit) numbers, and the "
              + "weights beside it hold \(state.elementCount); take the config.json "
              + "that came with the weights.")
        }
        try model.load(named)
        return model
      }
    } catch let error as StateError {
      throw EncoderError("\(url.path): \(error)")
    } catch let error as TorchError {
      throw EncoderError(
        "\(settings.file): a model of these sizes cannot be made: \(error)"
          + (error.isOutOfMemory ? " Correct the sizes, or take a smaller model." : ""))
    }
  }

  /// The most numbers that are drawn for a model without weights: 4 GB.
  private static let largestDrawn = 1 << 30

  func identity() throws -> (weights: String, model: String) {
    let weights = try self.weights.identity(seed: seed)
    let configuration = try FileHash.sha256(of: self.weights.files.configuration)
    return (weights, "\(weights) config.json:\(configuration)")
  }
}
