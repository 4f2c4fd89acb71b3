/// A checkpoint that does not fit a module: everything that is wrong with it.
public struct StateError: Error, CustomStringConvertible {
  /// Parameters that the checkpoint lacks.
  public let missing: [String]
  /// Tensors of the checkpoint that the module has no parameter for.
  public let unexpected: [String]
  /// Parameters whose shapes differ.
  public let mismatched: [(name: String, shape: [Int], expected: [Int])]

  /// One line that counts every problem and names them, of many alike the first.
  public var description: String {
    func listed(_ names: [String]) -> String {
      let most = 40
      return names.prefix(most).joined(separator: ", ")
        + (names.count > most ? " and \(names.count - most) more" : "")
    }
    var parts: [String] = []
    if !missing.isEmpty { parts.append("\(missing.count) missing: \(listed(missing))") }
    if !unexpected.isEmpty { parts.append("\(unexpected.count) unexpected: \(listed(unexpected))") }
    if !mismatched.isEmpty {
      let list = mismatched.map { "\($0.name) has shape \($0.shape), expected \($0.expected)" }
      parts.append("\(mismatched.count) of another shape: \(listed(list))")
    }
    return "the checkpoint does not fit the model (\(parts.joined(separator: "; "))); "
      + "take the checkpoint's own configuration for the model"
  }
}

extension Module {
  /// Copies a checkpoint's tensors into the parameters, converted to their dtype and device.
  ///
  /// Strict: every parameter needs its tensor, of its shape, and every tensor whose name starts
  /// with `prefix` its parameter, but for the names (with the prefix) that are ignored. Two
  /// parameters that share their memory may share one tensor. Nothing is changed where it throws.
  ///
  /// - Parameters:
  ///   - prefix: what the names of this module's tensors start with, its dot included.
  ///   - ignoring: whether a tensor without a parameter may be left out, by its full name.
  /// - Throws: `StateError`, which lists all problems.
  public func load(
    _ state: [String: Tensor], prefix: String = "",
    ignoring: (String) -> Bool = { _ in false }
  ) throws {
    var missing: [String] = []
    var mismatched: [(name: String, shape: [Int], expected: [Int])] = []
    var copies: [(parameter: Tensor, source: Tensor)] = []
    var known: Set<String> = []
    for (name, parameter) in namedParameters() {
      let name = prefix + name
      known.insert(name)
      guard let source = state[name] else {
        missing.append(name)
        continue
      }
      if source.shape == parameter.shape {
        copies.append((parameter, source))
      } else {
        mismatched.append((name, source.shape, parameter.shape))
      }
    }
    let unexpected = state.keys.filter {
      $0.hasPrefix(prefix) && !known.contains($0) && !ignoring($0)
    }
    guard missing.isEmpty, unexpected.isEmpty, mismatched.isEmpty else {
      throw StateError(missing: missing, unexpected: unexpected.sorted(), mismatched: mismatched)
    }
    withoutGradient {
      for (parameter, source) in copies { parameter.copy_(source) }
    }
  }

  /// The parameters by checkpoint name, sharing their memory.
  public func state(prefix: String = "") -> [String: Tensor] {
    var state: [String: Tensor] = [:]
    for (name, tensor) in namedParameters() { state[prefix + name] = tensor.detach() }
    return state
  }
}
