/// A part of a model: a struct whose stored tensors, and those of its stored modules, are its
/// parameters.
///
/// A stored `Tensor` is a parameter, a `Buffer` is not; modules, arrays and optionals of them are
/// walked in the order of declaration. A property's name in snake case is its name in checkpoints;
/// `checkpointNames` lists the exceptions.
///
/// ```swift
/// struct Block: Module {
///   let norm: LayerNorm, up: Linear, down: Linear
///   func callAsFunction(_ x: Tensor) -> Tensor { x + down(gelu(up(norm(x)))) }
/// }
/// ```
public protocol Module {
  /// Property name to checkpoint name, where that is not the property's in snake case. A dot makes
  /// levels (`["query": "self.query"]`); an empty name adds none.
  static var checkpointNames: [String: String] { get }
}

/// A tensor of a module that is no parameter: it moves with the module, and is not trained or saved.
public struct Buffer {
  /// What is wrapped.
  public let tensor: Tensor

  /// Marks a tensor as no parameter.
  public init(_ tensor: Tensor) { self.tensor = tensor }
}

extension Module {
  /// No exceptions.
  public static var checkpointNames: [String: String] { [:] }

  /// All parameters with their checkpoint names, in the order of declaration.
  public func namedParameters(prefix: String = "") -> [(name: String, tensor: Tensor)] {
    var found: [(name: String, tensor: Tensor)] = []
    walk(self, prefix) { name, part in
      if case .parameter(let tensor) = part { found.append((name, tensor)) }
    }
    return found
  }

  /// All `Linear`s with their names in checkpoints, in the order of declaration.
  func namedLinears(prefix: String = "") -> [(name: String, layer: Linear)] {
    var found: [(name: String, layer: Linear)] = []
    walk(self, prefix) { name, part in
      if case .module(let layer as Linear) = part { found.append((name, layer)) }
    }
    return found
  }

  /// All parameters in the order of declaration.
  public func parameters() -> [Tensor] { namedParameters().map(\.tensor) }

  /// Makes backward passes gather gradients for all parameters, or for none.
  public func requiresGrad(_ enabled: Bool) {
    for tensor in parameters() { tensor.requiresGrad = enabled }
  }

  /// Moves all parameters and buffers to a device, keeping each tensor's identity.
  public func to(_ device: Device) { exchange { $0.to(device) } }

  /// Converts all floating-point parameters and buffers, keeping each tensor's identity.
  public func to(_ dtype: DType) { exchange { $0.dtype.isFloatingPoint ? $0.to(dtype) : $0 } }

  private func exchange(_ change: (Tensor) -> Tensor) {
    walk(self, "") { _, part in
      switch part {
      case .parameter(let tensor), .buffer(let tensor):
        withoutGradient { tensor.setData(change(tensor.detach())) }
        tensor.grad = nil
      case .module: break
      }
    }
  }
}

/// What a module is made of.
private enum Part {
  case module(any Module)
  case parameter(Tensor)
  case buffer(Tensor)
}

/// Visits all parts of a value with their names, each module before its own parts.
private func walk(_ value: Any, _ name: String, _ visit: (String, Part) -> Void) {
  switch value {
  case let tensor as Tensor:
    visit(name, .parameter(tensor))
  case let buffer as Buffer:
    visit(name, .buffer(buffer.tensor))
  case let module as any Module:
    visit(name, .module(module))
    let names = type(of: module).checkpointNames
    for child in Mirror(reflecting: module).children {
      guard let label = child.label else { continue }
      let level = names[label] ?? snakeCase(label)
      walk(child.value, name.isEmpty || level.isEmpty ? name + level : "\(name).\(level)", visit)
    }
  default:
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional:
      if let some = mirror.children.first { walk(some.value, name, visit) }
    case .collection:
      for (index, child) in mirror.children.enumerated() {
        walk(child.value, name.isEmpty ? "\(index)" : "\(name).\(index)", visit)
      }
    default: break
    }
  }
}

/// `outputProjection` as `output_projection`, `mlpNorm2` as `mlp_norm2`, `qkvMLP` as `qkv_mlp`.
private func snakeCase(_ name: String) -> String {
  let letters = Array(name.utf8)
  func isUpper(_ index: Int) -> Bool { (65...90).contains(letters[index]) }
  var result: [UInt8] = []
  for (index, letter) in letters.enumerated() {
    guard isUpper(index) else {
      result.append(letter)
      continue
    }
    // A word starts after a small letter, and before the small letter that ends a run of capitals.
    let endsRun = index + 1 < letters.count && !isUpper(index + 1)
    if index > 0, !isUpper(index - 1) || endsRun { result.append(95) }
    result.append(letter + 32)
  }
  return String(decoding: result, as: UTF8.self)
}
