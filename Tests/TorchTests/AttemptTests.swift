import Testing
import Torch

/// Within an attempt a failed operation is an error; outside of it, it stops the program.
@Suite struct AttemptTests {
  private let two = Tensor([1, 2] as [Float])
  private let three = Tensor([1, 2, 3] as [Float])

  /// The error that an attempt ends with.
  private func failure(_ body: () throws -> Void) throws -> TorchError {
    do {
      try attempt(body)
    } catch let error as TorchError {
      return error
    }
    throw Missing()
  }
  private struct Missing: Error {}

  @Test func whatSucceedsIsReturned() throws {
    #expect(try attempt { (two + two).floats } == [2, 4])
    #expect(throws: Missing.self) { try attempt { throw Missing() } }
    #expect(!attemptHasFailed)
  }

  @Test func theFirstFailureIsThrown() throws {
    var wentOn = false
    let error = try failure {
      let sum = two + three
      #expect(attemptHasFailed)
      _ = two.matmul(Tensor.zeros([5, 5]))  // another fault, which is not told
      _ = sum.exp().reshape(7, 7)
      wentOn = true
      throw Missing()  // what comes of the failure is not told either
    }
    #expect(wentOn)
    #expect(
      error.description
        == "The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0"
    )
    #expect(!error.isOutOfMemory)
    // Afterwards all is as before.
    #expect(!attemptHasFailed)
    #expect((two * 2).floats == [2, 4])
  }

  /// Whatever is asked of an empty tensor has an answer.
  @Test func emptyTensors() throws {
    _ = try failure {
      let empty = two + three
      #expect(empty.item().isNaN)
      #expect(empty.floats.isEmpty && empty.int64s.isEmpty && empty.bytes.isEmpty)
      #expect(empty.shape[3] == 1 && empty.size(-1) == 1 && empty.count == 0)
      #expect(empty.dtype == .float32 && empty.device == .cpu && empty.isContiguous)
      #expect(empty.strides.count == empty.rank && !empty.requiresGrad && empty.grad == nil)
      #expect(empty.chunk(3).count == 3 && empty.split(sizes: [1, 2]).count == 2)
      #expect(empty.split(size: 4).count == 1)
      #expect(!empty.sharesStorage(with: two) && !empty.isSame(as: two))
      #expect(empty.description == "an empty tensor")
      #expect(Tensor.cat([empty, two]).count == 0 && Tensor([1 as Float], shape: [9]).count == 0)
      empty.backward()
      empty.add_(1)
      empty.requiresGrad = true
      let generator = Generator(seed: 1)
      _ = (generator.randomInt(below: 5), Tensor.randn([2], generator: generator))
      let layer = Linear(3, 4, generator: generator)
      layer.to(.float64)
      #expect(layer(empty).count == 0 && layer.namedParameters().count == 2)
      let optimizer = AdamW(layer.parameters(), learningRate: 1)
      optimizer.minimize(empty)
      optimizer.state = optimizer.state
      #expect(clipGradientNorm(layer.parameters(), max: 1) == 0)
      #expect(autocast(.bfloat16, device: .cpu) { empty * 2 }.count == 0)
    }
    // The modes that ended meanwhile are off.
    #expect(Tensor.ones([2, 2]).matmul(Tensor.ones([2, 2])).dtype == .float32)
  }

  @Test func attemptsWithinAttempts() throws {
    let sum = try attempt {
      let inner = try failure { _ = two + three }
      #expect(inner.description.contains("must match"))
      #expect(!attemptHasFailed)  // the outer one
      return (two + two).floats
    }
    #expect(sum == [2, 4])
    // One that is begun after a failure ends with it.
    let outer = try failure {
      _ = two + three
      let inner = try failure { _ = two + two }
      #expect(inner.description.contains("must match"))
    }
    #expect(outer.description.contains("must match"))
  }

  @Test func memoryIsToldApart() throws {
    let huge = try failure { _ = Tensor.zeros([1 << 44]) }
    #expect(huge.isOutOfMemory)
    #expect(huge.description == "CPU out of memory. Tried to allocate 65536.0 GiB.")
    let beyond = try failure { _ = Tensor.empty([.max / 4, .max / 4]) }
    #expect(beyond.isOutOfMemory, "\(beyond)")
    #expect(beyond.description.hasPrefix("out of memory. "), "\(beyond)")
    #expect(!beyond.description.contains("\n"))
    // A file of what cannot be is not written.
    let path = "/tmp/recap-attempt-\(UInt64.random(in: 0 ... .max)).pt"
    _ = try failure {
      let lost = two + three
      try CheckpointFile.save(.tensor(lost), to: path)
    }
    #expect(throws: (any Error).self) { try CheckpointFile.load(path) }
  }

  @Test func productsOfSizes() {
    #expect(saturated(3, 4, 5) == 60)
    // Some may be added up, and are refused as sizes.
    let beyond = saturated(1 << 40, 1 << 40)
    #expect(beyond > 1 << 59 && beyond + beyond + beyond + beyond > beyond)
    #expect(saturated(1 << 40, 1 << 40, 1 << 40) == beyond)
  }

  @Test func theMachineHasMemory() {
    #expect(Runtime.hostMemory > 1 << 28)
  }
}
