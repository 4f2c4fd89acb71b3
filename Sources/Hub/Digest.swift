import CCrypto

/// A digest of bytes that arrive in pieces, by OpenSSL's libcrypto.
struct Digest: ~Copyable {
  enum Algorithm { case sha1, sha256 }

  private let context: OpaquePointer

  init(_ algorithm: Algorithm) {
    let type =
      switch algorithm {
      case .sha1: EVP_sha1()
      case .sha256: EVP_sha256()
      }
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, type, nil) == 1 else {
      fatalError("Digest: libcrypto cannot begin a digest")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else {
      fatalError("Digest: libcrypto cannot go on with a digest")
    }
  }

  /// Lowercase hexadecimal digits; nothing may follow.
  consuming func finish() -> String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    guard EVP_DigestFinal_ex(context, &digest, &count) == 1 else {
      fatalError("Digest: libcrypto cannot end a digest")
    }
    return digest[..<Int(count)].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
