import CTorch

extension Tensor {
  /// Whether operations on the tensor are recorded for a backward pass.
  public var requiresGrad: Bool {
    get { ct_requires_grad(raw) }
    nonmutating set { check(ct_set_requires_grad(raw, newValue)) }
  }

  /// The gradient that backward passes have added up, if any.
  public var grad: Tensor? {
    get {
      var out = ct_tensor()
      check(ct_grad(&out, raw))
      return out.raw == nil ? nil : Tensor(owning: out)
    }
    nonmutating set {
      withExtendedLifetime(newValue) { check(ct_set_grad(raw, newValue?.raw ?? ct_tensor())) }
    }
  }

  /// A leaf with the same elements that gradients are gathered for.
  public func parameter() -> Tensor {
    let leaf = detach()
    leaf.requiresGrad = true
    return leaf
  }

  /// Adds the gradients of this scalar to all leaves it was computed from.
  public func backward(keepGraph: Bool = false) {
    check(ct_backward(raw, ct_tensor(), keepGraph))
  }

  /// Adds the gradients of the product with `gradient`, which has this tensor's shape.
  public func backward(gradient: Tensor, keepGraph: Bool = false) {
    check(ct_backward(raw, gradient.raw, keepGraph))
  }

  /// Exchanges what the tensor holds (dtype and device, too), keeping its identity.
  package func setData(_ data: Tensor) { check(ct_set_data(raw, data.raw)) }
}

/// Runs the body without recording operations for a backward pass.
public func withoutGradient<R>(_ body: () throws -> R) rethrows -> R {
  try withGradient(false, body)
}

/// Runs the body with operations recorded, or not, for a backward pass.
public func withGradient<R>(_ enabled: Bool, _ body: () throws -> R) rethrows -> R {
  let previous = ct_grad_enabled()
  ct_set_grad_enabled(enabled)
  defer { ct_set_grad_enabled(previous) }
  return try body()
}

/// Runs the body with matrix products and convolutions of that device in a shorter dtype.
///
/// `.float32` turns it off within the body.
public func autocast<R>(
  _ dtype: DType, device: Device, _ body: () throws -> R
) rethrows -> R {
  var previous = ct_autocast()
  let isOn = dtype == .bfloat16 || dtype == .float16
  let code = isOn ? dtype.code : DType.bfloat16.code
  check(ct_autocast_begin(&previous, device.code, isOn, code))
  defer { check(ct_autocast_end(previous, device.code)) }
  return try body()
}
