import Testing
import Torch

private func m(_ values: [Float], _ shape: Int...) -> Tensor { Tensor(values, shape: shape) }

@Suite struct TensorTests {
  @Test func createdTensorsHoldTheirValues() {
    let x = Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
    #expect(x.shape == [2, 3])
    #expect(x.strides == [3, 1])
    #expect(x.rank == 2)
    #expect(x.count == 6)
    #expect(x.dtype == .float32)
    #expect(x.device == .cpu)
    #expect(x.size(-1) == 3)
    #expect(Tensor.arange(3).int64s == [0, 1, 2])
    #expect(Tensor.arange(1, 2, step: 0.25, dtype: .float32).floats == [1, 1.25, 1.5, 1.75])
    #expect(Tensor.linspace(0, 1, count: 3).floats == [0, 0.5, 1])
    #expect(Tensor.eye(2).floats == [1, 0, 0, 1])
    #expect(Tensor.full([2], 7, dtype: .int32).int64s == [7, 7])
    #expect(Tensor(scalar: 2.5).item() == 2.5)
    #expect(Tensor(scalar: 2.5).shape == [])
    #expect(Tensor([true, false]).bools == [true, false])
    #expect(Tensor.zeros([0, 3]).floats == [])
    #expect("\(Tensor([1, 2]))".contains("CPULongType{2}"))
  }

  @Test(arguments: DType.allCases)
  func everyDTypeGoesThroughItsBytes(_ dtype: DType) {
    let x = Tensor([0, 1, 1, 0] as [Float], shape: [2, 2]).to(dtype)
    #expect(x.dtype == dtype)
    let bytes = x.bytes
    #expect(bytes.count == 4 * dtype.byteCount)
    let y = bytes.withUnsafeBytes { Tensor(bytes: $0, shape: [2, 2], dtype: dtype) }
    #expect(y.dtype == dtype)
    #expect(y.floats == [0, 1, 1, 0])
  }

  @Test func borrowedMemoryOutlivesItsOwnersOtherReferences() {
    final class Owner {
      let memory = UnsafeMutablePointer<Float>.allocate(capacity: 2)
      let freed: () -> Void
      init(_ freed: @escaping () -> Void) {
        self.freed = freed
        memory[0] = 1
        memory[1] = 2
      }
      deinit {
        freed()
        memory.deallocate()
      }
    }
    var isFreed = false
    do {
      let view: Tensor
      do {
        let owner = Owner { isFreed = true }
        view = Tensor(noCopy: owner.memory, shape: [2], dtype: .float32, owner: owner)[1]
      }
      #expect(!isFreed)
      #expect(view.item() == 2)
    }
    #expect(isFreed)
  }

  @Test func shapes() {
    let x = Tensor.arange(6, dtype: .float32).reshape(2, 3)
    #expect(x.transpose(0, 1).floats == [0, 3, 1, 4, 2, 5])
    #expect(!x.transpose(0, 1).isContiguous)
    #expect(x.transpose(0, 1).contiguous().bytes == x.permute(1, 0).bytes)
    #expect(x[1].floats == [3, 4, 5])
    #expect(x[1..<2].shape == [1, 3])
    #expect(x.narrow(dim: 1, start: 1, length: 2).floats == [1, 2, 4, 5])
    #expect(x.select(dim: 1, index: -1).floats == [2, 5])
    #expect(x.unsqueeze(0).shape == [1, 2, 3])
    #expect(x.unsqueeze(0).squeeze(0).shape == [2, 3])
    #expect(x.flatten().shape == [6])
    #expect(x.reshape(-1, 2).shape == [3, 2])
    #expect(x[0].expand([2, 3]).floats == [0, 1, 2, 0, 1, 2])
    #expect(x.indexSelect(dim: 1, index: Tensor([2, 0])).floats == [2, 0, 5, 3])
    #expect(x.gather(dim: 1, index: Tensor([2, 0], shape: [2, 1])).floats == [2, 3])
    #expect(
      Tensor.zeros([3]).scatter(dim: 0, index: Tensor([2]), source: Tensor([5] as [Float])).floats
        == [0, 0, 5])
    #expect(x.maskedFill(mask: x.gt(3), value: -1).floats == [0, 1, 2, 3, -1, -1])
    #expect(x.maskedSelect(x.gt(3)).floats == [4, 5])
    #expect(Tensor.where(x.gt(3), x, -x).floats == [0, -1, -2, -3, 4, 5])
    #expect(x.flip(dims: [1]).floats == [2, 1, 0, 5, 4, 3])
    #expect(x[0].pad([1, 0], value: 9).floats == [9, 0, 1, 2])
    #expect(x[0].repeatInterleave(2, dim: 0).floats == [0, 0, 1, 1, 2, 2])
    #expect(x[0].repeat(2).floats == [0, 1, 2, 0, 1, 2])
    #expect(Tensor.cat([x, x[0..<1]]).shape == [3, 3])
    #expect(Tensor.cat([x, x], dim: 1).shape == [2, 6])
    #expect(Tensor.stack([x[0], x[1]]).floats == x.floats)
    #expect(x.split(size: 2, dim: 1).map(\.shape) == [[2, 2], [2, 1]])
    #expect(x.split(sizes: [1, 2], dim: 1).map(\.shape) == [[2, 1], [2, 2]])
    #expect(Tensor.arange(5).chunk(2).map(\.count) == [3, 2])
    #expect(Tensor.ones([2, 2]).tril().floats == [1, 0, 1, 1])
    #expect(x[0].sharesStorage(with: x))
    #expect(!x.clone().sharesStorage(with: x))
  }

  @Test func arithmetic() {
    let x = m([1, 2, 4], 3)
    #expect((x + x).floats == [2, 4, 8])
    #expect((x - 1).floats == [0, 1, 3])
    #expect((1 - x).floats == [0, -1, -3])
    #expect((x * 0.5).floats == [0.5, 1, 2])
    #expect((1 / x).floats == [1, 0.5, 0.25])
    #expect((x / Float(2)).floats == [0.5, 1, 2])
    #expect((-x).floats == [-1, -2, -4])
    #expect(x.pow(2).floats == [1, 4, 16])
    #expect(x.matmul(x).item() == 21)
    #expect(x.clamp(min: 2).floats == [2, 2, 4])
    #expect(x.clamp(max: 2).floats == [1, 2, 2])
    #expect(x.clamp(min: 1.5, max: 2).floats == [1.5, 2, 2])
    #expect(x.minimum(m([2], 1)).floats == [1, 2, 2])
    #expect(x.maximum(m([2], 1)).floats == [2, 2, 4])
    #expect(x.lerp(x * 2, weight: 0.5).floats == [1.5, 3, 6])
    #expect(x.remainder(3).floats == [1, 2, 1])
    #expect(x.floorDivide(3).floats == [0, 0, 1])
    #expect((Tensor.arange(2) + 1).dtype == .int64, "an integer keeps integers")
    #expect((Tensor.arange(2) + 1.0).dtype == .float32)
    #expect(x.to(.bfloat16).exp().dtype == .bfloat16)
  }

  @Test func reductions() {
    let x = m([1, 2, 3, 4, 5, 9], 2, 3)
    #expect(x.sum().item() == 24)
    #expect(x.mean().item() == 4)
    #expect(x.max().item() == 9)
    #expect(x.min().item() == 1)
    #expect(x.sum(dim: 0).floats == [5, 7, 12])
    #expect(x.mean(dim: -1, keepDim: true).shape == [2, 1])
    #expect(x.amax(dim: 1).floats == [3, 9])
    #expect(x.amin(dim: 1).floats == [1, 4])
    #expect(x.argmax(dim: 1).int64s == [2, 2])
    #expect(x.cumsum(dim: 1).floats == [1, 3, 6, 4, 9, 18])
    #expect(x[0].variance().item() == 1)
    expectClose([x[0].variance(unbiased: false).item()], [2.0 / 3])
    expectClose(x.std(dim: 1, unbiased: true).doubles, [1, 7.0.squareRoot()])
    #expect(m([3, 4], 2).norm().item() == 5)
    #expect(m([3, 1, 2], 3).argsort().int64s == [1, 2, 0])
    #expect(m([3, 1, 2], 3).argsort(descending: true).int64s == [0, 2, 1])
    expectClose(m([0, 0], 2).softmax(dim: 0).doubles, [0.5, 0.5])
    expectClose(m([0, 0], 2).logSumExp(dim: 0).doubles, [0.6931471805599453])
  }

  @Test func comparisons() {
    let x = m([1, 2, .nan], 3)
    #expect(x.lt(2).bools == [true, false, false])
    #expect(x.ge(m([0, 3, 0], 3)).bools == [true, false, false])
    #expect(x.eq(1).logicalNot().bools == [false, true, true])
    #expect(x.isfinite().bools == [true, true, false])
    #expect(!x.isfinite().all)
    #expect(x.isnan().any)
    #expect(x[0..<2].equal(m([1, 2], 2)))
    #expect(x.gt(0).logicalAnd(x.lt(2)).bools == [true, false, false])
  }

  @Test func inPlace() {
    let x = Tensor.zeros([3])
    x.fill_(2).add_(1).mul_(2.0)
    #expect(x.floats == [6, 6, 6])
    x[1..<3].copy_(Tensor([1, 2]))
    #expect(x.floats == [6, 1, 2])
    x.add_(m([1, 1, 1], 3), alpha: 0.5)
    #expect(x.floats == [6.5, 1.5, 2.5])
    #expect(x.zero_().floats == [0, 0, 0])
    let counts = Tensor.zeros([2], dtype: .int64)
    counts.add_(Tensor([1, 2]))
    #expect(counts.int64s == [1, 2])
  }

  @Test func gradients() {
    let x = m([1, 2], 2).parameter()
    (x * x).sum().backward()
    #expect(x.grad?.floats == [2, 4])
    (x * 3.0).sum().backward()
    #expect(x.grad?.floats == [5, 7], "gradients add up")
    x.grad = nil
    #expect(x.grad == nil)
    #expect(withoutGradient { (x * 2.0).requiresGrad } == false)
    #expect((x * 2.0).requiresGrad)
    #expect(withoutGradient { withGradient(true) { (x * 2.0).requiresGrad } })
    #expect(!x.detach().requiresGrad)
  }

  @Test func autocastShortensProducts() {
    let (a, b) = (Tensor.ones([2, 2]), Tensor.ones([2, 2]))
    #expect(autocast(.bfloat16, device: .cpu) { a.matmul(b).dtype } == .bfloat16)
    #expect(
      autocast(.bfloat16, device: .cpu) {
        autocast(.float32, device: .cpu) { a.matmul(b).dtype }
      } == .float32)
    #expect(a.matmul(b).dtype == .float32)
  }

  @Test func generatorsContinueFromTheirState() {
    let generator = Generator(seed: 3)
    _ = Tensor.randn([5], generator: generator)
    let state = generator.state
    let next = Tensor.randn([40], generator: generator).bytes
    let other = Generator(seed: 9)
    other.state = state
    #expect(Tensor.randn([40], generator: other).bytes == next)
    #expect((0..<100).allSatisfy { _ in (0..<7).contains(generator.randomInt(below: 7)) })
    #expect(Generator(seed: 1).randomUInt64() != Generator(seed: 2).randomUInt64())
  }

  @Test func devicesAreReadFromText() throws {
    #expect(try Device("cpu") == .cpu)
    #expect(throws: DeviceError.self) { try Device("gpu") }
    #expect(throws: DeviceError.self) { try Device("cuda:x") }
    #expect(throws: DeviceError.self) { try Device("cuda:99") }
  }

  @Test func theRuntimeNamesItself() {
    #expect(Runtime.version.hasPrefix("2."))
    #expect(Runtime.libraryPath.contains("libtorch_cpu"))
    #expect(Runtime.threads >= 1)
    #expect(Runtime.interopThreads >= 1)
  }

  #if !os(Windows)
    @Test func aWrongShapeStopsWithLibtorchsMessage() async {
      let result = await #expect(
        processExitsWith: .failure, observing: [\.standardErrorContent]
      ) {
        _ = Tensor.zeros([2, 3]).matmul(Tensor.zeros([2, 3]))
      }
      let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(text.contains("matmul(_:): mat1 and mat2 shapes cannot be multiplied"))
    }
  #endif
}
