import Foundation
import Testing

/// The stand-in for `libtorch_cuda.so` (Tests/StandInCUDA), which `swift build --build-tests` makes beside the
/// tests: with it `--device cuda` runs on a machine without a GPU.
enum StandInCUDA {
  /// What it counted, in the order of its `Count`.
  struct Counts {
    let operations, waits, copiesToDevice, copiesToHost, bytesInUse, mostBytesInUse: Int
  }

  /// Runs a suite of these tests once more, on the stand-in.
  static func runTests(_ suite: String, in place: Workplace) throws -> Result {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return try Command.run(
      ["--testing-library", "swift-testing", "--filter", suite], of: tests, in: place,
      environment: ["LD_LIBRARY_PATH": try folder.get()])
  }

  /// Runs the command on the stand-in.
  ///
  /// - Parameter bytes: how much memory the device has; nil: without end.
  static func run(
    _ arguments: [String], in place: Workplace, bytes: Int? = nil, input: String? = nil
  ) throws -> Result {
    var environment = ["LD_LIBRARY_PATH": try folder.get(), "STANDIN_CUDA_COUNTS": counts(place)]
    environment["STANDIN_CUDA_BYTES"] = bytes.map(String.init)
    return try Command.run(
      arguments + ["--device", "cuda"], in: place, input: input, environment: environment)
  }

  /// The counts of the last run in a workplace.
  static func counts(of place: Workplace) throws -> Counts {
    let file = try Data(contentsOf: URL(fileURLWithPath: counts(place)))
    let numbers = file.withUnsafeBytes { $0.bindMemory(to: Int64.self).map { Int($0) } }
    try #require(numbers.count == 6)
    return Counts(
      operations: numbers[0], waits: numbers[1], copiesToDevice: numbers[2],
      copiesToHost: numbers[3], bytesInUse: numbers[4], mostBytesInUse: numbers[5])
  }

  private static func counts(_ place: Workplace) -> String { place.path + "/.counts" }

  /// Links to libtorch's libraries with the stand-in among them: libtorch_cuda is looked for beside the
  /// libtorch_cpu that is used, and libtorch looks for CUDA's runtime in `../../nvidia`.
  private static let folder = Swift.Result<String, any Error> {
    let build = URL(fileURLWithPath: Command.executable).deletingLastPathComponent()
    let standIn = build.appendingPathComponent("libStandInCUDA.so")
    try #require(
      FileManager.default.fileExists(atPath: standIn.path),
      "\(standIn.path) is not built: run swift build -c release --build-tests")
    let libtorch = URL(fileURLWithPath: Command.repository + "/.deps/libtorch")
      .resolvingSymlinksInPath()
    let root = build.appendingPathComponent("stand-in-cuda")
    let libraries = root.appendingPathComponent("torch/lib")
    try FileManager.default.createDirectory(at: libraries, withIntermediateDirectories: true)
    let real = libtorch.appendingPathComponent("lib")
    for name in try FileManager.default.contentsOfDirectory(atPath: real.path)
    where name != "libtorch_cuda.so" {
      try link(libraries.appendingPathComponent(name), to: real.appendingPathComponent(name))
    }
    let nvidia = libtorch.deletingLastPathComponent().appendingPathComponent("nvidia")
    if FileManager.default.fileExists(atPath: nvidia.path) {
      try link(root.appendingPathComponent("nvidia"), to: nvidia)
    }
    try link(libraries.appendingPathComponent("libtorch_cuda.so"), to: standIn)
    return libraries.path
  }

  private static func link(_ link: URL, to target: URL) throws {
    let manager = FileManager.default
    if (try? manager.destinationOfSymbolicLink(atPath: link.path)) == target.path { return }
    try? manager.removeItem(at: link)
    try manager.createSymbolicLink(at: link, withDestinationURL: target)
  }
}
