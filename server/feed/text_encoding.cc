#include "server/feed/text_encoding.h"

#include <iconv.h>

#include <algorithm>

#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "matcher/text/normalize.h"

namespace gradmatch {
namespace {

const iconv_t kNoConverter = reinterpret_cast<iconv_t>(-1);

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x80;
  });
}

absl::Status WrongEncoding(std::string_view seen) {
  return MakeError(
      absl::StatusCode::kInvalidArgument, kEncodingInvalid,
      "文件编码为 " + std::string(seen) +
          "；允许：UTF-8 (可带 BOM)、GB18030；请另存为 UTF-8 "
          "后再导入",
      {{"value", std::string(seen)}, {"allowed", "UTF-8, GB18030"}});
}

}  // namespace

Gb18030Decoder::Gb18030Decoder() : converter_(iconv_open("UTF-8", "GB18030")) {}

Gb18030Decoder::~Gb18030Decoder() {
  if (converter_ != kNoConverter) iconv_close(converter_);
}

std::optional<std::string> Gb18030Decoder::Decode(std::string_view text) {
  if (converter_ == kNoConverter) return std::nullopt;
  iconv(converter_, nullptr, nullptr, nullptr, nullptr);
  // Two bytes become three at most; four become four.
  std::string out(text.size() * 2 + 4, '\0');
  char* in = const_cast<char*>(text.data());
  size_t in_left = text.size();
  char* to = out.data();
  size_t out_left = out.size();
  if (iconv(converter_, &in, &in_left, &to, &out_left) ==
          static_cast<size_t>(-1) ||
      in_left > 0) {
    return std::nullopt;
  }
  out.resize(out.size() - out_left);
  return out;
}

absl::StatusOr<TextEncoding> DetectEncoding(std::string_view sample) {
  // What a workbook begins with, whatever its name is: .xlsx and .xls.
  if (sample.starts_with("PK\x03\x04") ||
      sample.starts_with("\xD0\xCF\x11\xE0")) {
    return MakeError(absl::StatusCode::kInvalidArgument, kEncodingInvalid,
                     "这是 Excel 工作簿，不是文本；请在 Excel 中另存为“CSV "
                     "UTF-8（逗号分隔）”后再导入",
                     {{"value", "Excel"}, {"allowed", "UTF-8, GB18030"}});
  }
  if (sample.starts_with("\xFF\xFE") || sample.starts_with("\xFE\xFF")) {
    return WrongEncoding("UTF-16");
  }
  Gb18030Decoder decoder;
  size_t utf8 = 0;
  size_t other = 0;
  bool all_gb = true;
  for (size_t begin = 0; begin < sample.size();) {
    const size_t end = sample.find('\n', begin);
    // A last line that is cut says nothing, unless it is the only one.
    if (end == std::string_view::npos && begin > 0) break;
    std::string_view line = sample.substr(begin, end - begin);
    if (end == std::string_view::npos) line = CutUtf8(line, line.size() - 1);
    if (!IsAscii(line)) {
      FindInvalidUtf8(line).has_value() ? ++other : ++utf8;
      all_gb = all_gb && decoder.Decode(line).has_value();
    }
    if (end == std::string_view::npos) break;
    begin = end + 1;
  }
  if (all_gb && other * 2 > utf8) return TextEncoding::kGb18030;
  if (utf8 >= other) return TextEncoding::kUtf8;
  return WrongEncoding("既非 UTF-8 也非 GB18030");
}

}  // namespace gradmatch
