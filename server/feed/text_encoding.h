#ifndef GRADMATCH_SERVER_FEED_TEXT_ENCODING_H_
#define GRADMATCH_SERVER_FEED_TEXT_ENCODING_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace gradmatch {

enum class TextEncoding { kUtf8, kGb18030 };

// Tells from the first bytes of a file, by its lines with other than ASCII
// characters. GB18030: all of them are, and more than a third are not UTF-8 (a
// short line may be both). UTF-8: at least half are, so that a broken line is a
// bad row and not another encoding. InvalidArgument names what was seen instead
// (UTF-16, neither).
absl::StatusOr<TextEncoding> DetectEncoding(std::string_view sample);

// Turns GB18030 into UTF-8, through the C library. Used by one thread.
class Gb18030Decoder {
 public:
  Gb18030Decoder();
  ~Gb18030Decoder();
  Gb18030Decoder(const Gb18030Decoder&) = delete;
  Gb18030Decoder& operator=(const Gb18030Decoder&) = delete;

  // nullopt if `text` is not whole GB18030 characters.
  std::optional<std::string> Decode(std::string_view text);

 private:
  void* converter_;  // iconv_t
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FEED_TEXT_ENCODING_H_
