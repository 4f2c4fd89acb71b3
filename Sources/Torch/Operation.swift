import CTorch

/// Stops the program with the name of the Swift function and the first line of libtorch's message:
/// a wrong shape or dtype is a bug of the caller. Within an ``attempt(_:)`` that is for its end to say.
@inline(never)
func failed(_ function: StaticString) {
  if ct_attempt_now().is_active { return }
  fatalError("\(function): \(libtorchMessage())")
}

/// Runs a C function that cannot fail on correct input.
@inline(__always)
func check(_ status: Int32, _ function: StaticString = #function) {
  if status != 0 { failed(function) }
}

/// Runs a C function that writes a new tensor; where it fails within an attempt, the tensor is empty.
@inline(__always)
func op(
  _ function: StaticString = #function, _ body: (UnsafeMutablePointer<ct_tensor>) -> Int32
) -> Tensor {
  var out = ct_tensor()
  if body(&out) != 0 { failed(function) }
  return Tensor(owning: out)
}

/// Lends the handles of several tensors to a C function; they live until it has returned.
func withHandles<R>(
  _ tensors: [Tensor], _ body: (UnsafePointer<ct_tensor>?, Int) -> R
) -> R {
  withExtendedLifetime(tensors) {
    withUnsafeTemporaryAllocation(of: ct_tensor.self, capacity: tensors.count) { handles in
      for (index, tensor) in tensors.enumerated() { handles[index] = tensor.raw }
      return body(handles.baseAddress, tensors.count)
    }
  }
}
