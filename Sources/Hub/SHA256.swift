/// SHA-256 (FIPS 180-4) of bytes that arrive in pieces.
public struct SHA256 {
  private var state: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32) = (
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
    0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19
  )
  private var pending: [UInt8] = []
  private var length: UInt64 = 0

  public init() {}

  /// Takes in the next bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard !bytes.isEmpty else { return }
    length += UInt64(bytes.count)
    var bytes = bytes[...]
    if !pending.isEmpty {
      let taken = min(64 - pending.count, bytes.count)
      pending.append(contentsOf: bytes.prefix(taken))
      bytes = bytes.dropFirst(taken)
      guard pending.count == 64 else { return }
      let block = pending
      block.withUnsafeBytes { compress($0.baseAddress!, blocks: 1) }
      pending.removeAll(keepingCapacity: true)
    }
    let whole = bytes.count / 64
    if whole > 0 {
      compress(UnsafeRawBufferPointer(rebasing: bytes).baseAddress!, blocks: whole)
      bytes = bytes.dropFirst(whole * 64)
    }
    pending.append(contentsOf: bytes)
  }

  /// The digest in lowercase hexadecimal digits.
  public mutating func finish() -> String {
    let bits = length * 8
    var tail: [UInt8] = [0x80]
    let zeros = (119 - Int(length % 64)) % 64
    tail.append(contentsOf: repeatElement(0, count: zeros))
    for shift in stride(from: 56, through: 0, by: -8) {
      tail.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
    }
    tail.withUnsafeBytes { update($0) }
    let (a, b, c, d, e, f, g, h) = state
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for word in [a, b, c, d, e, f, g, h] {
      for shift in stride(from: 28, through: 0, by: -4) {
        text.append(digits[Int(word >> UInt32(shift)) & 15])
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func compress(_ start: UnsafeRawPointer, blocks: Int) {
    var (a, b, c, d, e, f, g, h) = state
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 16) { buffer in
      let w = buffer.baseAddress!
      Self.constants.withUnsafeBufferPointer { constants in
        var k = constants.baseAddress!
        let first = k
        for block in 0..<blocks {
          let (a0, b0, c0, d0, e0, f0, g0, h0) = (a, b, c, d, e, f, g, h)
          let source = start + block * 64
          k = first
          for i in 0..<16 {
            w[i] = UInt32(
              bigEndian: source.loadUnaligned(fromByteOffset: i &* 4, as: UInt32.self))
          }
          Self.round(a, b, c, &d, e, f, g, &h, k[0] &+ w[0])
          Self.round(h, a, b, &c, d, e, f, &g, k[1] &+ w[1])
          Self.round(g, h, a, &b, c, d, e, &f, k[2] &+ w[2])
          Self.round(f, g, h, &a, b, c, d, &e, k[3] &+ w[3])
          Self.round(e, f, g, &h, a, b, c, &d, k[4] &+ w[4])
          Self.round(d, e, f, &g, h, a, b, &c, k[5] &+ w[5])
          Self.round(c, d, e, &f, g, h, a, &b, k[6] &+ w[6])
          Self.round(b, c, d, &e, f, g, h, &a, k[7] &+ w[7])
          Self.round(a, b, c, &d, e, f, g, &h, k[8] &+ w[8])
          Self.round(h, a, b, &c, d, e, f, &g, k[9] &+ w[9])
          Self.round(g, h, a, &b, c, d, e, &f, k[10] &+ w[10])
          Self.round(f, g, h, &a, b, c, d, &e, k[11] &+ w[11])
          Self.round(e, f, g, &h, a, b, c, &d, k[12] &+ w[12])
          Self.round(d, e, f, &g, h, a, b, &c, k[13] &+ w[13])
          Self.round(c, d, e, &f, g, h, a, &b, k[14] &+ w[14])
          Self.round(b, c, d, &e, f, g, h, &a, k[15] &+ w[15])
          for _ in 0..<3 {
            k += 16
            Self.round(a, b, c, &d, e, f, g, &h, k[0] &+ Self.schedule(w, 0))
            Self.round(h, a, b, &c, d, e, f, &g, k[1] &+ Self.schedule(w, 1))
            Self.round(g, h, a, &b, c, d, e, &f, k[2] &+ Self.schedule(w, 2))
            Self.round(f, g, h, &a, b, c, d, &e, k[3] &+ Self.schedule(w, 3))
            Self.round(e, f, g, &h, a, b, c, &d, k[4] &+ Self.schedule(w, 4))
            Self.round(d, e, f, &g, h, a, b, &c, k[5] &+ Self.schedule(w, 5))
            Self.round(c, d, e, &f, g, h, a, &b, k[6] &+ Self.schedule(w, 6))
            Self.round(b, c, d, &e, f, g, h, &a, k[7] &+ Self.schedule(w, 7))
            Self.round(a, b, c, &d, e, f, g, &h, k[8] &+ Self.schedule(w, 8))
            Self.round(h, a, b, &c, d, e, f, &g, k[9] &+ Self.schedule(w, 9))
            Self.round(g, h, a, &b, c, d, e, &f, k[10] &+ Self.schedule(w, 10))
            Self.round(f, g, h, &a, b, c, d, &e, k[11] &+ Self.schedule(w, 11))
            Self.round(e, f, g, &h, a, b, c, &d, k[12] &+ Self.schedule(w, 12))
            Self.round(d, e, f, &g, h, a, b, &c, k[13] &+ Self.schedule(w, 13))
            Self.round(c, d, e, &f, g, h, a, &b, k[14] &+ Self.schedule(w, 14))
            Self.round(b, c, d, &e, f, g, h, &a, k[15] &+ Self.schedule(w, 15))
          }
          a = a &+ a0
          b = b &+ b0
          c = c &+ c0
          d = d &+ d0
          e = e &+ e0
          f = f &+ f0
          g = g &+ g0
          h = h &+ h0
        }
      }
    }
    state = (a, b, c, d, e, f, g, h)
  }

  @inline(__always)
  private static func rotate(_ x: UInt32, _ n: UInt32) -> UInt32 {
    (x &>> n) | (x &<< (32 &- n))
  }

  /// Replaces word `i` of the last sixteen by the word sixteen places on, and returns it.
  @inline(__always)
  private static func schedule(_ w: UnsafeMutablePointer<UInt32>, _ i: Int) -> UInt32 {
    let x = w[(i &+ 1) & 15]
    let y = w[(i &+ 14) & 15]
    let s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x &>> 3)
    let s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y &>> 10)
    let word = w[i] &+ s0 &+ w[(i &+ 9) & 15] &+ s1
    w[i] = word
    return word
  }

  /// One round; the roles of the eight words turn by one from call to call.
  @inline(__always)
  private static func round(
    _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32,
    _ e: UInt32, _ f: UInt32, _ g: UInt32, _ h: inout UInt32, _ kw: UInt32
  ) {
    let s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    let t = h &+ s1 &+ (g ^ (e & (f ^ g))) &+ kw
    let s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    d = d &+ t
    h = t &+ s0 &+ ((a & b) ^ (c & (a ^ b)))
  }

  /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1,
    0x923f_82a4, 0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3,
    0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786,
    0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147,
    0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13,
    0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
    0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a,
    0x5b9c_ca4f, 0x682e_6ff3, 0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208,
    0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
  ]
}
