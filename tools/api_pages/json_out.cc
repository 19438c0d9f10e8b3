#include "tools/api_pages/json_out.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/http/json_codec.h"

namespace gradmatch {

void JsonOut::Begin(std::string_view name) {
  if (!first_) out_.push_back(',');
  if (depth_ > 0) NewLine();
  if (!name.empty()) absl::StrAppend(&out_, JsonQuote(name), ": ");
  first_ = false;
}

void JsonOut::NewLine() {
  out_.push_back('\n');
  out_.append(2 * static_cast<size_t>(depth_), ' ');
}

void JsonOut::Open(std::string_view name, char bracket) {
  Begin(name);
  out_.push_back(bracket);
  ++depth_;
  first_ = true;
}

void JsonOut::Close(char bracket) {
  --depth_;
  if (!first_) NewLine();
  out_.push_back(bracket);
  first_ = false;
}

void JsonOut::Text(std::string_view name, std::string_view value) {
  Begin(name);
  out_.append(JsonQuote(value));
}

void JsonOut::Bool(std::string_view name, bool value) {
  Begin(name);
  absl::StrAppend(&out_, value ? "true" : "false");
}

std::string JsonOut::Take() {
  out_.push_back('\n');
  return std::move(out_);
}

}  // namespace gradmatch
