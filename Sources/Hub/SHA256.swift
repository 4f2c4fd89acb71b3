/// SHA-256 (FIPS 180-4) of bytes that arrive in pieces.
public struct SHA256: ~Copyable {
  private var digest = Digest(.sha256)

  public init() {}

  /// Takes in the next bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) { digest.update(bytes) }

  /// The digest in lowercase hexadecimal digits; nothing may follow.
  public consuming func finish() -> String { digest.finish() }
}
