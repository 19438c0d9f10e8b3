#include "server/feed/json_row.h"

#include <string>

#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "simdjson.h"

namespace gradmatch {
namespace {

namespace dom = simdjson::dom;

std::string TextOf(const dom::element& element) {
  std::string_view text;
  if (element.is_string() && !element.get(text)) return std::string(text);
  return simdjson::minify(element);
}

absl::Status BadJson(std::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, kFieldInvalid,
                   "不是一个 JSON 对象 (" + std::string(what) +
                       ")；允许：每行一个 {\"列\": 值, ...}");
}

}  // namespace

struct JsonRowParser::Impl {
  dom::parser parser;
};

JsonRowParser::JsonRowParser() : impl_(std::make_unique<Impl>()) {}
JsonRowParser::~JsonRowParser() = default;

absl::Status JsonRowParser::Parse(std::string_view json,
                                  std::vector<FeedCell>& cells) {
  cells.clear();
  dom::element root;
  if (const auto error =
          impl_->parser.parse(json.data(), json.size()).get(root);
      error != simdjson::SUCCESS) {
    return BadJson(simdjson::error_message(error));
  }
  dom::object object;
  if (root.get(object) != simdjson::SUCCESS) {
    return BadJson("the line is another JSON value");
  }
  for (const dom::key_value_pair field : object) {
    if (field.value.is_null()) continue;
    FeedCell cell;
    cell.column = std::string(field.key);
    dom::array list;
    if (field.value.is_array() && !field.value.get(list)) {
      for (const dom::element element : list) {
        if (!element.is_null()) cell.values.push_back(TextOf(element));
      }
    } else {
      cell.values.push_back(TextOf(field.value));
    }
    cells.push_back(std::move(cell));
  }
  return absl::OkStatus();
}

}  // namespace gradmatch
