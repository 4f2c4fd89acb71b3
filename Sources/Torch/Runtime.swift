import CTorch

/// The libtorch that the program runs on.
public enum Runtime {
  /// The version that the program was built for.
  public static var version: String { String(cString: ct_version()) }

  /// The file that libtorch was loaded from.
  public static var libraryPath: String { String(cString: ct_library_path()) }

  /// Threads that work on one operation.
  public static var threads: Int {
    get { ct_threads() }
    set { check(ct_set_threads(newValue)) }
  }

  /// Threads for independent operations; to be set once, before the first operation.
  public static var interopThreads: Int {
    get { ct_interop_threads() }
    set { check(ct_set_interop_threads(newValue)) }
  }

  /// Bytes of memory that the machine has, or the control group that the program runs in: more of tensors on
  /// the CPU than these are refused, where the system would end the program.
  public static var hostMemory: Int { ct_host_memory() }

  /// Whether there is a CUDA device that libtorch can use.
  public static var cudaAvailable: Bool { Device.isCUDAAvailable() }

  /// Why libtorch's CUDA support is not loaded; empty where it is.
  public static var cudaLoadError: String { Device.cudaLoadError }

  /// Makes operations that have no deterministic form stop the program.
  public static func useDeterministicAlgorithms(_ enabled: Bool) {
    check(ct_use_deterministic_algorithms(enabled))
  }
}
