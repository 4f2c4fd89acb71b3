import Foundation
import Hub
import Torch

/// The weight files of one model folder.
struct WeightFiles {
  let files: ModelFiles

  /// Reads every tensor, under the file's own names; nil where there is none.
  func read() throws -> StateDictionary? {
    var state: StateDictionary = [:]
    for url in files.weights.urls {
      let tensors: StateDictionary
      if case .pickled = files.weights {
        guard let dictionary = try CheckpointFile.load(url.path).weights else {
          throw EncoderError("\(url.path): is not a dictionary of tensors, as weights are.")
        }
        tensors = dictionary
      } else {
        tensors = try Safetensors.load(url.path)
      }
      for (name, entry) in tensors.entries {
        guard state[entry: name] == nil else {
          throw EncoderError("\(url.path): holds \(name), which another shard holds as well.")
        }
        state[entry: name] = entry
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
/// - Throws: ``EncoderError`` when two of the file's names mean the same parameter, or when a copy of
///   a tied parameter differs from it.
func parameters(
  of state: StateDictionary, file: String, resolve: (String) -> WeightName
) throws -> StateDictionary {
  var parameters: StateDictionary = [:]
  var copies: [(name: String, nameInFile: String, entry: StateDictionary.Entry)] = []
  for (nameInFile, entry) in state.entries {
    var parts: [(name: String, entry: StateDictionary.Entry)] = []
    switch resolve(nameInFile) {
    case .ignored: break
    case .parameter(let name): parts = [(name, entry)]
    case .copy(let name): copies.append((name, nameInFile, entry))
    case .parts(let names):
      if case .tensor(let tensor) = entry {
        // What does not come out even has another shape than its parameter.
        let chunks = tensor.shape.isEmpty ? [tensor] : tensor.chunk(names.count)
        parts = Array(zip(names, chunks.map { .tensor($0) }))
      } else {
        parts = names.map { ($0, entry) }
      }
    }
    for (name, part) in parts {
      guard parameters[entry: name] == nil else {
        throw EncoderError("\(file): holds \(name) in two spellings, \(nameInFile) and another.")
      }
      parameters[entry: name] = part
    }
  }
  for (name, nameInFile, entry) in copies {
    switch (parameters[entry: name], entry) {
    case (nil, _): parameters[entry: name] = entry
    case (.tensor(let original), .tensor(let tensor)):
      guard tensor.shape == original.shape, tensor.equal(original) else {
        throw EncoderError("\(file): \(nameInFile) differs from \(name), with which it is tied.")
      }
    default: break  // one of them cannot be read: the other is taken, or refused by the model
    }
  }
  return parameters
}
