#include "server/http/uri.h"

#include <optional>

#include "absl/strings/str_split.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "matcher/text/normalize.h"

namespace gradmatch {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

absl::Status BadEncoding(std::string_view text) {
  // The text itself may be what is not UTF-8, so it is not quoted.
  return InvalidField(
      kEncodingInvalid,
      {.field = "(url)",
       .value = FindInvalidUtf8(text).has_value() ? std::string()
                                                  : std::string(text),
       .allowed = "百分号编码（%XX）的 UTF-8 文字"});
}

absl::Status ParseQuery(std::string_view text, RequestTarget& out) {
  for (const absl::string_view pair : absl::StrSplit(A(text), '&')) {
    if (pair.empty()) continue;
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(pair, absl::MaxSplits('=', 1));
    absl::StatusOr<std::string> name = PercentDecode(S(parts.first), true);
    if (!name.ok()) return name.status();
    absl::StatusOr<std::string> value = PercentDecode(S(parts.second), true);
    if (!value.ok()) return value.status();
    out.query.emplace_back(*std::move(name), *std::move(value));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> PercentDecode(std::string_view text,
                                          bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out.push_back(' ');
    } else if (text[i] == '%') {
      const int high = i + 2 < text.size() ? HexValue(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexValue(text[i + 2]) : -1;
      if (high < 0 || low < 0) return BadEncoding(text);
      out.push_back(static_cast<char>(high << 4 | low));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  if (FindInvalidUtf8(out).has_value()) return BadEncoding(text);
  return out;
}

absl::StatusOr<RequestTarget> ParseTarget(std::string_view target) {
  RequestTarget out;
  const size_t question = target.find('?');
  std::string_view path = target.substr(0, question);
  if (question != std::string_view::npos) {
    absl::Status query = ParseQuery(target.substr(question + 1), out);
    if (!query.ok()) return query;
  }
  if (path.empty() || path[0] != '/') {
    return InvalidField(kFieldInvalid, {.field = "(url)",
                                        .value = std::string(path),
                                        .allowed = "以 / 开头的路径"});
  }
  std::vector<std::string> raw = absl::StrSplit(A(path.substr(1)), '/');
  absl::StatusOr<std::string> whole = PercentDecode(raw.back(), false);
  if (!whole.ok()) return whole.status();
  out.last_with_verb = *std::move(whole);
  const size_t colon = raw.back().rfind(':');
  if (colon != std::string::npos) {
    absl::StatusOr<std::string> verb =
        PercentDecode(std::string_view(raw.back()).substr(colon + 1), false);
    if (!verb.ok()) return verb.status();
    out.verb = *std::move(verb);
    raw.back().resize(colon);
  }
  for (const std::string& segment : raw) {
    absl::StatusOr<std::string> decoded = PercentDecode(segment, false);
    if (!decoded.ok()) return decoded.status();
    out.segments.push_back(*std::move(decoded));
  }
  return out;
}

}  // namespace gradmatch
