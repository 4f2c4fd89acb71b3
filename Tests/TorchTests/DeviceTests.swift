import Foundation
import Testing
import Torch

/// Tensors on a CUDA device beside the same on the CPU. `make test` runs these on the stand-in for CUDA, by
/// `CUDATests.tensors`.
@Suite(.enabled(if: Device.isCUDAAvailable(), "there is no CUDA device"))
struct DeviceTests {
  private let cuda = Device.cuda(0)

  private func same(
    _ a: Tensor, _ b: Tensor, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(a.device == cuda && b.device == .cpu, sourceLocation: sourceLocation)
    #expect(a.to(.cpu).equal(b), "\(a) and \(b)", sourceLocation: sourceLocation)
  }

  /// A seed means the same everywhere.
  @Test func randomNumbers() {
    func draw(_ device: Device) -> [Tensor] {
      let generator = Generator(seed: 7)
      let x = Tensor.full([3, 4], 2, device: device)
      return [
        .randn([5], generator: generator, device: device),
        .rand([2, 3], generator: generator, device: device),
        .randint(below: 9, [6], generator: generator, device: device),
        .randperm(11, generator: generator, device: device),
        x.normal_(mean: 1, std: 3, generator: generator),
        Tensor.empty([4], device: device).uniform_(-1, 1, generator: generator),
        dropout(Tensor.ones([30], device: device), probability: 0.4, generator: generator),
        Normal(mean: x, std: x * 0 + 1).sample(generator: generator),
        Tensor.randn([1], generator: generator, device: device),
      ]
    }
    for (a, b) in zip(draw(cuda), draw(.cpu)) { same(a, b) }
  }

  @Test func reading() {
    let x = Tensor([1, 2.5, -3] as [Float], device: cuda)
    #expect(x.floats == [1, 2.5, -3] && x.int64s == [1, 2, -3] && x.bools == [true, true, true])
    #expect(x.doubles == [1, 2.5, -3] && x.bytes.count == 12 && x[1].item() == 2.5)
    #expect(x.isfinite().all && !x.isnan().any && x.equal(x.clone()))
    #expect(x.description.contains("2.5"))
    #expect(x.expand(2, 3).transpose(0, 1).floats == [1, 1, 2.5, 2.5, -3, -3])
    #expect(x.sharesStorage(with: x[0..<2]) && !x.sharesStorage(with: x.clone()))
  }

  /// A file says nothing of where its tensors were.
  @Test func files() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/recap-device-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func write(_ device: Device) throws -> [Data] {
      let base = Tensor.arange(24, dtype: .float32, device: device).reshape(4, 6)
      let weight = Tensor.ones([2, 2], device: device).parameter()
      let value: PickleValue = .dictionary([
        ("row", .tensor(base[2])), ("turned", .tensor(base.transpose(0, 1))),
        ("whole", .tensor(base)), ("weight", .tensor(weight)),
        ("none", .tensor(.empty([0, 3], device: device))),
        ("half", .tensor(base.to(.bfloat16).narrow(dim: 1, start: 1, length: 2))),
      ])
      try CheckpointFile.save(value, to: folder + "/a.pt")
      let read = try CheckpointFile.load(folder + "/a.pt")
      let (row, whole) = (try #require(read["row"]?.tensor), try #require(read["whole"]?.tensor))
      #expect(row.device == .cpu && row.floats == [12, 13, 14, 15, 16, 17])
      #expect(row.sharesStorage(with: whole))
      #expect(read["turned"]?.tensor?.equal(whole.transpose(0, 1)) == true)
      #expect(read["weight"]?.tensor?.requiresGrad == true)
      try Safetensors.save(
        [("turned", base.transpose(0, 1)), ("weight", weight)], to: folder + "/b.safetensors")
      return try ["a.pt", "b.safetensors"].map {
        try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)"))
      }
    }
    #expect(try write(cuda) == write(.cpu))
  }

  /// Training goes from one device to the other and back with the same numbers.
  @Test func training() throws {
    let whole = Trained(on: .cpu)
    for _ in 0..<6 { whole.step() }
    var (trained, other) = (Trained(on: cuda), Trained(on: .cpu))
    for _ in 0..<3 {
      for _ in 0..<2 { trained.step() }
      try other.layer.load(trained.layer.state())
      other.optimizer.state = trained.optimizer.state
      swap(&trained, &other)
    }
    for (a, b) in zip(trained.layer.parameters(), whole.layer.parameters()) {
      #expect(a.to(.cpu).equal(b))
    }
    for (index, state) in whole.optimizer.state {
      let found = try #require(other.optimizer.state[index])
      #expect(found.step.item() == 6 && found.step.device == found.expAvg.device)
      #expect(found.expAvgSq.to(.cpu).equal(state.expAvgSq))
    }
  }

  private final class Trained {
    let device: Device
    let layer = Linear(3, 2, generator: Generator(seed: 3))
    let optimizer: AdamW

    init(on device: Device) {
      self.device = device
      layer.to(device)
      layer.addLowRankAdapters(rank: 1, alpha: 2, generator: Generator(seed: 4)) { _ in true }
      layer.requiresGrad(true)
      optimizer = AdamW(layer.parameters(), learningRate: 0.1)
    }

    func step() {
      optimizer.zeroGrad()
      let x = Tensor([1, 2, 3, -1, 0, 1] as [Float], shape: [2, 3], device: device)
      layer(x).square().mean().backward()
      clipGradientNorm(optimizer.parameters, max: 1)
      optimizer.step()
    }
  }

  @Test func devicesDoNotMix() {
    #expect {
      try attempt { Tensor.ones([2], device: cuda) + Tensor.ones([2]) }
    } throws: {
      "\($0)".contains("Expected all tensors to be on the same device")
    }
  }
}
