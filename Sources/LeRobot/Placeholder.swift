import CArrow
import CFFmpeg
public func lerobotPlaceholder() -> Int { Int(ca_placeholder()) + Int(avcodec_version()) }
