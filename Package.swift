// swift-tools-version: 6.0
import PackageDescription

// Native libraries live in .deps/ (scripts/bootstrap). The absolute rpath serves a build where it was
// made; the $ORIGIN-relative ones serve an executable carried to another machine beside its libraries.
let deps = "\(Context.packageDirectory)/.deps"

func searchPaths(_ libraries: String) -> LinkerSetting {
  .unsafeFlags([
    "-L\(deps)/\(libraries)",
    "-Xlinker", "-rpath", "-Xlinker", "\(deps)/\(libraries)",
  ])
}

let libtorchHeaders = CXXSetting.unsafeFlags([
  "-I\(deps)/libtorch/include", "-I\(deps)/libtorch/include/torch/csrc/api/include",
  "-fvisibility-inlines-hidden", "-Wno-deprecated-declarations",
])

let swiftSettings: [SwiftSetting] = [.enableUpcomingFeature("InternalImportsByDefault")]

let package = Package(
  name: "recap",
  products: [
    .executable(name: "recap", targets: ["recap-cli"]),
    // Stands in for libtorch_cuda.so in tests.
    .library(name: "StandInCUDA", type: .dynamic, targets: ["StandInCUDA"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // C and C++ boundaries.
    .target(
      name: "CTorch",
      cxxSettings: [libtorchHeaders],
      linkerSettings: [
        searchPaths("libtorch/lib"),
        .unsafeFlags([
          "-Xlinker", "-rpath", "-Xlinker", "$ORIGIN", "-Xlinker", "-rpath", "-Xlinker",
          "$ORIGIN/lib",
        ]),
        .linkedLibrary("torch_cpu"), .linkedLibrary("c10"), .linkedLibrary("m"),
        .linkedLibrary("dl"),
      ]),
    .target(
      name: "CArrow",
      cxxSettings: [.unsafeFlags(["-std=c++20", "-I\(deps)/arrow/include"])],
      linkerSettings: [
        searchPaths("arrow"), .linkedLibrary("arrow"), .linkedLibrary("parquet"),
      ]),
    .target(
      name: "CMuJoCo",
      cSettings: [.unsafeFlags(["-I\(deps)/mujoco/include"])],
      linkerSettings: [
        searchPaths("mujoco"),
        .unsafeFlags([
          "-Xlinker", "-rpath", "-Xlinker", "$ORIGIN", "-Xlinker", "-rpath", "-Xlinker",
          "$ORIGIN/lib",
        ]),
        .linkedLibrary("mujoco"), .linkedLibrary("dl"),
      ]),
    .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
    .systemLibrary(
      name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(
      name: "CFFmpeg", pkgConfig: "libavformat", providers: [.apt(["libavformat-dev"])]),
    .systemLibrary(
      name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),

    // Building blocks: each knows nothing of the method.
    .target(name: "Platform", swiftSettings: swiftSettings),
    .target(name: "Torch", dependencies: ["CTorch", "Platform"], swiftSettings: swiftSettings),
    .target(name: "Tokenizers", dependencies: ["CPCRE2"], swiftSettings: swiftSettings),
    .target(
      name: "Hub", dependencies: ["CCrypto", "CCurl", "Platform"], swiftSettings: swiftSettings),
    .target(
      name: "LeRobot", dependencies: ["CArrow", "CFFmpeg", "CJPEG", "Hub", "Platform"],
      swiftSettings: swiftSettings),
    .target(name: "PolicyInterface", swiftSettings: swiftSettings),
    .target(
      name: "Encoders", dependencies: ["Torch", "Hub", "Platform"], swiftSettings: swiftSettings),
    .target(
      name: "Simulation", dependencies: ["CMuJoCo", "LeRobot", "PolicyInterface", "Platform"],
      swiftSettings: swiftSettings),
    .target(name: "Tracking", dependencies: ["Platform"], swiftSettings: swiftSettings),

    // The method, and the command.
    .target(
      name: "Recap",
      dependencies: [
        "Torch", "Encoders", "LeRobot", "Tokenizers", "Hub", "PolicyInterface", "Platform",
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "recap-cli",
      dependencies: [
        "Recap", "Torch", "Encoders", "LeRobot", "Tokenizers", "Hub", "PolicyInterface", "Tracking",
        "Simulation", "Platform",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftSettings),

    .target(
      name: "StandInCUDA", path: "Tests/StandInCUDA", publicHeadersPath: ".",
      cxxSettings: [libtorchHeaders],
      linkerSettings: [
        searchPaths("libtorch/lib"), .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
      ]),
    // Damaged files, for the tests of all that read files.
    .target(name: "Mutations", path: "Tests/Mutations"),
    .testTarget(name: "PlatformTests", dependencies: ["Platform"]),
    .testTarget(
      name: "TorchTests", dependencies: ["Torch", "Platform", "Mutations"], exclude: ["Fixtures"]),
    .testTarget(
      name: "TokenizersTests", dependencies: ["Tokenizers", "Mutations"], exclude: ["Fixtures"]),
    .testTarget(name: "HubTests", dependencies: ["Hub"]),
    .testTarget(
      name: "LeRobotTests", dependencies: ["LeRobot", "Hub", "Platform", "Mutations"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "EncodersTests", dependencies: ["Encoders", "Torch", "Mutations"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "SimulationTests", dependencies: ["Simulation", "LeRobot", "PolicyInterface"]),
    .testTarget(name: "TrackingTests", dependencies: ["Tracking"], exclude: ["Fixtures"]),
    .testTarget(
      name: "RecapTests",
      dependencies: [
        "Recap", "Torch", "Encoders", "LeRobot", "PolicyInterface", "Tokenizers", "Mutations",
      ],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "CommandTests", dependencies: ["LeRobot", "Torch"], exclude: ["Fixtures"]),
  ],
  cxxLanguageStandard: .cxx20
)
