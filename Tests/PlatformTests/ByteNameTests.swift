import Platform
import Testing

@Suite struct ByteNameTests {
  @Test func looksAreNoEquality() {
    let (one, two) = ("caf\u{E9}", "cafe\u{301}")
    #expect(one == two)
    #expect(ByteName(one) != ByteName(two))
    #expect(Set([one, two].map { ByteName($0) }).count == 2)
    #expect(ByteName(two) < ByteName(one) && ByteName("a") < ByteName("aa"))
    #expect("\(ByteName(one))".utf8.count == 5)
  }
}
