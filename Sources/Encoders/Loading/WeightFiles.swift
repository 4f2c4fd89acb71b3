import Foundation
import Hub
import Torch

/// The weight files of one model folder.
struct WeightFiles {
  let files: ModelFiles

  /// Reads every tensor, under the file's own names; nil where there is none.
  func read() throws -> [String: Tensor]? {
    var state: [String: Tensor] = [:]
    for url in files.weights.urls {
      let tensors: [String: Tensor]
      if case .pickled = files.weights {
        guard let dictionary = try CheckpointFile.load(url.path).stateDictionary else {
          throw EncoderError("\(url.path): is not a dictionary of tensors, as weights are.")
        }
        tensors = dictionary
      } else {
        tensors = try Safetensors.load(url.path)
      }
      for (name, tensor) in tensors {
        guard state.updateValue(tensor, forKey: name) == nil else {
          throw EncoderError("\(url.path): holds \(name), which another shard holds as well.")
        }
      }
    }
    return files.weights == .none ? nil : state
  }

  /// Content hashes of the files, or the seed of a model that has none.
  func identity(seed: UInt64) throws -> String {
    if files.weights == .none { return "seed:\(seed)" }
    return try files.weights.urls.map { "sha256:" + (try FileHash.sha256(of: $0)) }
      .joined(separator: "+")
  }
}

/// Renames a file's tensors to a model's parameters, and drops those that are known not to be its.
///
/// - Throws: ``EncoderError`` when two of the file's names mean the same parameter, when a copy of
///   a tied parameter differs from it, or when weights are integers, as quantised ones are.
func parameters(
  of state: [String: Tensor], file: String, resolve: (String) -> WeightName
) throws -> [String: Tensor] {
  var parameters: [String: Tensor] = [:]
  var copies: [(name: String, nameInFile: String, tensor: Tensor)] = []
  for (nameInFile, tensor) in state {
    let found = resolve(nameInFile)
    if case .ignored = found { continue }
    guard tensor.dtype.isFloatingPoint else {
      throw EncoderError(
        "\(file): \(nameInFile) is \(tensor.dtype), wanted floating point; take the model's "
          + "weights before quantisation.")
    }
    var parts: [(name: String, tensor: Tensor)] = []
    switch found {
    case .ignored: break
    case .parameter(let name): parts = [(name, tensor)]
    case .copy(let name): copies.append((name, nameInFile, tensor))
    case .parts(let names):
      // What does not come out even has another shape than its parameter.
      parts = Array(zip(names, tensor.shape.isEmpty ? [tensor] : tensor.chunk(names.count)))
    }
    for (name, part) in parts {
      guard parameters.updateValue(part, forKey: name) == nil else {
        throw EncoderError("\(file): holds \(name) in two spellings, \(nameInFile) and another.")
      }
    }
  }
  for (name, nameInFile, tensor) in copies {
    let original = parameters[name, default: tensor]
    guard tensor.shape == original.shape, tensor.equal(original) else {
      throw EncoderError("\(file): \(nameInFile) differs from \(name), with which it is tied.")
    }
    parameters[name] = original
  }
  return parameters
}
