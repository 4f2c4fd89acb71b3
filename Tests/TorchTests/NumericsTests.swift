import Testing
import Torch

/// Checks a function against PyTorch's output and gradients.
private func compare(
  _ name: String, _ inputs: [String], sourceLocation: SourceLocation = #_sourceLocation,
  _ function: ([Tensor]) -> Tensor
) throws {
  let stored = try #require(fixture[name])
  let tensors = inputs.map { stored[$0]!.tensor.parameter() }
  let output = function(tensors)
  expectClose(output, stored["output"]!, name, sourceLocation: sourceLocation)
  output.backward(gradient: stored["upstream"]!.tensor)
  for (input, tensor) in zip(inputs, tensors) {
    expectClose(
      tensor.grad!, stored["grad_\(input)"]!, "\(name), gradient of \(input)",
      sourceLocation: sourceLocation)
  }
}

@Suite struct NumericsTests {
  @Test func layers() throws {
    try compare("linear", ["x", "w", "b"]) { Linear(weight: $0[1], bias: $0[2])($0[0]) }
    try compare("layer_norm", ["x", "w", "b"]) { LayerNorm(weight: $0[1], bias: $0[2])($0[0]) }
    try compare("conv2d", ["x", "w", "b"]) {
      Conv2d(weight: $0[1], bias: $0[2], stride: 2, padding: 1)($0[0])
    }
  }

  @Test func attention() throws {
    try compare("attention", ["q", "k", "v"]) { scaledDotProductAttention($0[0], $0[1], $0[2]) }
    try compare("attention_causal", ["q", "k", "v"]) {
      scaledDotProductAttention($0[0], $0[1], $0[2], isCausal: true, scale: 0.3)
    }
    let mask = Tensor(
      [true, true, true, true, true, true, false, false], shape: [2, 1, 1, 4])
    try compare("attention_masked", ["q", "k", "v"]) {
      scaledDotProductAttention($0[0], $0[1], $0[2], mask: mask)
    }
  }

  @Test func activations() throws {
    try compare("gelu", ["x"]) { gelu($0[0]) }
    try compare("gelu_tanh", ["x"]) { geluTanh($0[0]) }
    try compare("quick_gelu", ["x"]) { quickGELU($0[0]) }
    try compare("softplus", ["x"]) { softplus($0[0]) }
    try compare("silu", ["x"]) { silu($0[0]) }
    try compare("softmax", ["x"]) { $0[0].softmax(dim: 1) }
    try compare("normalize", ["x"]) { normalize($0[0]) }
  }

  @Test func distributionsAndLosses() throws {
    try compare("normal_log_probability", ["mean", "std", "x"]) {
      Normal(mean: $0[0], std: $0[1]).logProbability($0[2])
    }
    try compare("normal_entropy", ["std"]) {
      Normal(mean: Tensor.zeros([3, 4]), std: $0[0]).entropy()
    }
    try compare("cross_entropy", ["x"]) { crossEntropy($0[0], Tensor([2, 0, -100, 4])) }
  }

  /// log N(1; 0, 2²) = −1/8 − log 2 − ½ log 2π = −1.737086; entropy ½ log(2πe · 4) = 2.112086.
  @Test func normalByHand() {
    let normal = Normal(mean: Tensor([0.0]), std: Tensor([2.0]))
    expectClose(normal.logProbability(Tensor([1.0])).doubles, [-1.7370857137646])
    expectClose(normal.entropy().doubles, [2.1120857137646])
  }

  @Test func imagesAreResizedAsInPyTorch() throws {
    let stored = try #require(fixture["resize"])
    let image = stored["image"]!.tensor.to(.uint8)
    let bicubic = interpolateBicubicAntialiased(image, height: 7, width: 24)
    #expect(bicubic.dtype == .uint8)
    #expect(bicubic.doubles == stored["bicubic"]!.values)
    let bilinear = interpolateBilinearAntialiased(image, height: 7, width: 24)
    #expect(bilinear.doubles == stored["bilinear"]!.values)
  }

  /// Squares of 0 to 11; the numbers are those of PyTorch's `interpolate(mode="bicubic")`.
  @Test func bicubicResamplingIsAsInPyTorch() {
    let image = Tensor((0..<12).map { Float($0 * $0) }, shape: [1, 1, 3, 4])
    let smaller = interpolateBicubic(image, height: 2, width: 3)
    #expect(smaller.shape == [1, 1, 2, 3])
    expectClose(
      smaller.doubles,
      [
        2.222113847732544, 6.359375, 14.672564506530762, 55.60428237915039, 77.515625,
        103.60292053222656,
      ])
    #expect(interpolateBicubic(image, height: 3, width: 4).doubles == image.doubles)
    #expect(interpolateBicubic(image.to(.bfloat16), height: 5, width: 9).dtype == .bfloat16)
  }

  @Test func seedsGiveWhatPyTorchGives() throws {
    let stored = try #require(fixture["seeded"])
    let generator = Generator(seed: 7)
    let linear = Linear(3, 2, generator: generator)
    let embedding = Embedding(3, 2, generator: generator)
    let conv = Conv2d(input: 2, output: 2, kernel: 2, generator: generator)
    let stream = Generator(seed: 11)
    let made = [
      "linear_weight": linear.weight, "linear_bias": linear.bias!,
      "embedding_weight": embedding.weight, "conv_weight": conv.weight, "conv_bias": conv.bias!,
      "normal": Tensor.randn([20], generator: stream),
      "uniform": Tensor.rand([3], generator: stream),
      "order": Tensor.randperm(10, generator: stream),
      "integers": Tensor.randint(below: 5, [8], generator: stream),
    ]
    for (name, tensor) in made {
      #expect(tensor.floats == stored[name]!.tensor.floats, "\(name)")
    }
  }
}
