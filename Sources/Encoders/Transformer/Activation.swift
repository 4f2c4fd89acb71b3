public import Torch

/// The non-linearity of a transformer's MLP, by the name that `hidden_act` has in `config.json`.
public enum Activation: Sendable, Hashable {
  case gelu, geluTanh, quickGELU, relu, silu

  private static let table: [(name: String, activation: Activation)] = [
    ("gelu", .gelu), ("gelu_new", .geluTanh), ("gelu_pytorch_tanh", .geluTanh),
    ("quick_gelu", .quickGELU), ("relu", .relu), ("silu", .silu), ("swish", .silu),
  ]

  static let names = table.map(\.name)

  init?(name: String) {
    guard let row = Self.table.first(where: { $0.name == name }) else { return nil }
    self = row.activation
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .gelu: Torch.gelu(x)
    case .geluTanh: Torch.geluTanh(x)
    case .quickGELU: Torch.quickGELU(x)
    case .relu: Torch.relu(x)
    case .silu: Torch.silu(x)
    }
  }
}
