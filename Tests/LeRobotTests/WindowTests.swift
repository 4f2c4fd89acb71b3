import Foundation
import LeRobot
import Testing

@Suite struct WindowTests {
  @Test func secondsAreFrames() throws {
    func indices(_ seconds: [Double], _ fps: Double) throws -> [Int] {
      try DeltaTimestamps.indices(of: seconds, fps: fps, key: "action")
    }
    #expect(try indices([-0.1, 0, 0.1, 0.30000000000000004], 10) == [-1, 0, 1, 3])
    #expect(try indices((0..<50).map { Double($0) / 30 }, 30) == Array(0..<50))
    #expect(try indices((-3..<3).map { Double($0) / 29.97 }, 29.97) == Array(-3..<3))
    #expect(try indices([0.10009, -0.09991], 10) == [1, -1])
    // Python's round(0.5) is 0, round(1.5) and round(2.5) are 2.
    #expect(try indices([0.5, 1.5, 2.5, -2.5].map { $0 / 8192 }, 8192) == [0, 2, 2, -2])
    #expect(try indices([], 10) == [])
    for wrong in [0.05, 0.1002, .nan, .infinity, 1e300] {
      #expect(
        message { _ = try indices([0, wrong], 10) }
          == "action: a window's time of \(wrong) s is not that of a frame: multiples of 1/10.0 s are wanted"
      )
    }
  }

  @Test func windowsStayInTheEpisode() {
    let start = DeltaTimestamps.window(around: 1, deltas: [-2, -1, 0, 3, 9], length: 5)
    #expect(start.frames == [0, 0, 1, 4, 4])
    #expect(start.isPad == [true, false, false, false, true])
    let end = DeltaTimestamps.window(around: 4, deltas: [0, 1, -4, -5], length: 5)
    #expect(end.frames == [4, 4, 0, 0])
    #expect(end.isPad == [false, true, false, true])
  }

  @Test func permutationsAreShuffles() {
    func permutation(_ count: Int, seed: Int) -> Permutation {
      var generator = SplitMix64(seed: seed, purpose: 0)
      return Permutation(count: count, using: &generator)
    }
    for count in [1, 2, 3, 5, 16, 17, 1000, 4097] {
      let order = permutation(count, seed: 1)
      let numbers = (0..<count).map { order[$0] }
      #expect(numbers.sorted() == Array(0..<count))
      if count > 16 { #expect(numbers != Array(0..<count)) }
    }
    let (a, b) = (permutation(1000, seed: 1), permutation(1000, seed: 2))
    #expect((0..<1000).count { a[$0] == b[$0] } < 20)
    // Places tell nothing of numbers: |number − place| is n / 3 on average.
    let distance = (0..<1000).reduce(0) { $0 + abs(a[$1] - $1) } / 1000
    #expect((300..<370).contains(distance))
    let great = permutation(100_000_000, seed: 3)
    let some = Set((0..<1000).map { great[$0 * 99_991] })
    #expect(some.count == 1000 && some.allSatisfy { (0..<100_000_000).contains($0) })
    // Written down, so that a run goes on in the same order with a later version.
    #expect((0..<8).map { permutation(322, seed: 0)[$0] } == [104, 43, 283, 111, 238, 25, 73, 278])
  }

  @Test func rowsByNumber() throws {
    let path = fixtures.appending(path: "columns.parquet").path
    let store = try RowStore(
      numbers: ["list", "matrix", "bool", "int64", "float32_with_null", "no such column"],
      bytes: ["string_with_null", "picture_with_null", "binary"])
    #expect(try store.width(of: "list", in: path) == 2)
    #expect(try store.width(of: "matrix", in: path) == 4)
    #expect(try store.width(of: "no such column", in: path) == nil)
    #expect(try store.numbers("list", in: path, rows: 2..<4) == [2, 2.5, 3, 3.5])
    #expect(try store.numbers("matrix", in: path, rows: 4..<5) == [4, 1, 2, 3])
    #expect(try store.numbers("bool", in: path, rows: 0..<5) == [1, 0, 1, 1, 0])
    #expect(try store.numbers("int64", in: path, rows: 2..<3) == [-2])
    #expect(try store.numbers("int64", in: path, rows: 3..<3) == [])
    #expect(try store.numbers("float32_with_null", in: path, rows: 1..<2)[0].isNaN)
    #expect(try store.bytes("string_with_null", in: path, row: 0) == Array("a".utf8))
    #expect(try store.bytes("string_with_null", in: path, row: 1) == nil)
    #expect(try store.bytes("picture_with_null", in: path, row: 3) == nil)
    let picture = try #require(try store.bytes("binary", in: path, row: 4))
    #expect(try Image.decode(picture).pixels.first == 40)
    #expect(
      message { _ = try store.numbers("list", in: path, rows: 4..<6) }
        == "\(path): holds 5 rows, rows 4 to 5 are wanted")
    #expect(
      message { _ = try store.numbers("float64", in: path, rows: 0..<1) }
        == "\(path): has no column 'float64'")
    #expect(
      message { _ = try store.width(of: "list", in: path + "x") }
        == "\(path)x: there is no such file")
    let uneven = try RowStore(numbers: ["list_uneven"])
    #expect(
      message { _ = try uneven.width(of: "list_uneven", in: path) }.contains("list_uneven"))
  }

  @Test func rowsFromManyThreads() throws {
    let path = fixtures.appending(path: "columns.parquet").path
    let store = try RowStore(numbers: ["float32", "list"], bytes: ["binary"])
    DispatchQueue.concurrentPerform(iterations: 16) { i in
      let row = i % 5
      let numbers = try? store.numbers("list", in: path, rows: row..<row + 1)
      #expect(numbers == [Float(row), Float(row) + 0.5])
    }
  }
}
