import Platform

/// A checkpoint that does not fit a module: everything that is wrong with it.
public struct StateError: Error, CustomStringConvertible {
  /// Parameters that the checkpoint lacks.
  public let missing: [String]
  /// Tensors of the checkpoint that the module has no parameter for.
  public let unexpected: [String]
  /// Parameters whose shapes differ.
  public let mismatched: [(name: String, shape: [Int], expected: [Int])]
  /// Parameters for which the checkpoint has what are no floating-point numbers, and what it has.
  public let notFloating: [(name: String, dtype: String)]

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
    if !notFloating.isEmpty {
      let list = notFloating.map { "\($0.name) is \($0.dtype), wanted floating point" }
      parts.append("\(notFloating.count) of another kind: \(listed(list))")
    }
    return "the checkpoint does not fit the model (\(parts.joined(separator: "; "))); \(advice)"
  }

  private var advice: String {
    if let prefix = surplusPrefix {
      return "all of the unexpected names begin with '\(prefix)' and the model's do not: write the "
        + "tensors under their names without it (wrappers add it: save the module inside of "
        + "DataParallel, or of what torch.compile gave)"
    }
    return notFloating.isEmpty
      ? "take the checkpoint's own configuration for the model"
      : "take the model's weights before quantisation"
  }

  /// What all names that are unexpected begin with, none of those that are missing does, and is
  /// all that keeps them apart, or is what a wrapper is known to add.
  private var surplusPrefix: String? {
    guard unexpected.count > 1, !missing.isEmpty else { return nil }
    let wanted = Set(missing)
    var prefix = ""
    for level in unexpected[0].split(separator: ".").dropLast() {
      prefix += level + "."
      guard unexpected.allSatisfy({ $0.hasPrefix(prefix) }) else { return nil }
      if missing.contains(where: { $0.hasPrefix(prefix) }) { continue }
      let bare = unexpected.map { String($0.dropFirst(prefix.count)) }
      if bare.contains(where: wanted.contains) { return prefix }
      let inner = bare.allSatisfy { name in Self.wrappers.contains(where: name.hasPrefix) }
      if !inner, Self.wrappers.contains(where: prefix.hasSuffix) { return prefix }
    }
    return nil
  }

  private static let wrappers = ["module.", "_orig_mod.", "model."]
}

extension Module {
  /// Copies a checkpoint's tensors into the parameters, converted to their dtype and device.
  ///
  /// Strict: every parameter needs its tensor, of its shape and of floating point, and every tensor whose name starts
  /// with `prefix` its parameter, but for the names (with the prefix) that are ignored. Two
  /// parameters that share their memory may share one tensor. Nothing is changed where it throws.
  ///
  /// - Parameters:
  ///   - prefix: what the names of this module's tensors start with, its dot included.
  ///   - ignoring: whether a tensor without a parameter may be left out, by its full name.
  /// - Throws: `StateError`, which lists all problems.
  public func load(
    _ state: StateDictionary, prefix: String = "",
    ignoring: (String) -> Bool = { _ in false }
  ) throws {
    var missing: [String] = []
    var notFloating: [(name: String, dtype: String)] = []
    var mismatched: [(name: String, shape: [Int], expected: [Int])] = []
    var copies: [(parameter: Tensor, source: Tensor)] = []
    var known: Set<ByteName> = []
    for (name, parameter) in namedParameters() {
      let name = prefix + name
      known.insert(ByteName(name))
      let source: Tensor
      switch state[entry: name] {
      case .tensor(let tensor): source = tensor
      case .unread(let dtype, _):
        notFloating.append((name, dtype))
        continue
      case nil:
        missing.append(name)
        continue
      }
      if !source.dtype.isFloatingPoint {
        notFloating.append((name, source.dtype.rawValue))
      } else if source.shape == parameter.shape {
        copies.append((parameter, source))
      } else {
        mismatched.append((name, source.shape, parameter.shape))
      }
    }
    let unexpected = state.keys.filter {
      $0.hasPrefix(prefix) && !known.contains(ByteName($0)) && !ignoring($0)
    }
    guard missing.isEmpty, unexpected.isEmpty, mismatched.isEmpty, notFloating.isEmpty else {
      throw StateError(
        missing: missing, unexpected: unexpected.sorted(), mismatched: mismatched,
        notFloating: notFloating)
    }
    withoutGradient {
      for (parameter, source) in copies { parameter.copy_(source) }
    }
  }

  /// Copies tensors that are named as a module's parameters are; as the other `load`.
  public func load(
    _ state: [String: Tensor], prefix: String = "",
    ignoring: (String) -> Bool = { _ in false }
  ) throws {
    try load(StateDictionary(state), prefix: prefix, ignoring: ignoring)
  }

  /// The parameters by checkpoint name, sharing their memory.
  public func state(prefix: String = "") -> [String: Tensor] {
    var state: [String: Tensor] = [:]
    for (name, tensor) in namedParameters() { state[prefix + name] = tensor.detach() }
    return state
  }
}
