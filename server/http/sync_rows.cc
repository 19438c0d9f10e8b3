#include "server/http/sync_rows.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "matcher/ingest/field_checks.h"
#include "server/http/call_setup.h"
#include "server/http/json_codec.h"
#include "server/row_error.h"

namespace gradmatch {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

Message* Part(Message& of, const FieldDescriptor* field) {
  return of.GetReflection()->MutableMessage(&of, field);
}

}  // namespace

bool LineSplitter::Add(std::string_view piece) {
  while (true) {
    const size_t end = piece.find('\n');
    if (end == std::string_view::npos) {
      Keep(piece);
      return true;
    }
    const std::string_view part = piece.substr(0, end);
    piece.remove_prefix(end + 1);
    if (begun_.empty() && part.size() <= max_bytes_ && !too_long_) {
      if (!Pass(part)) return false;  // the usual case copies nothing
      continue;
    }
    Keep(part);
    const bool more = Pass(begun_);
    begun_.clear();
    too_long_ = false;
    if (!more) return false;
  }
}

bool LineSplitter::Finish() {
  const bool more = (begun_.empty() && !too_long_) || Pass(begun_);
  begun_.clear();
  too_long_ = false;
  return more;
}

void LineSplitter::Keep(std::string_view part) {
  if (too_long_ || begun_.size() + part.size() > max_bytes_) {
    too_long_ = true;
    begun_.clear();
    begun_.shrink_to_fit();
    return;
  }
  begun_.append(part);
}

bool LineSplitter::Pass(std::string_view line) {
  ++number_;
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (!too_long_ && absl::StripAsciiWhitespace(A(line)).empty()) return true;
  return take_({.text = line, .number = number_, .too_long = too_long_});
}

std::optional<SyncMessages> SyncMessages::Of(const Descriptor& request,
                                             const Descriptor& response) {
  SyncMessages out;
  out.request_type_ = &request;
  out.response_type_ = &response;
  out.begin_ = request.FindFieldByName("begin");
  out.row_ = request.FindFieldByName("row");
  out.commit_ = request.FindFieldByName("commit");
  for (const FieldDescriptor* field : {out.begin_, out.row_, out.commit_}) {
    if (field == nullptr || field->message_type() == nullptr) {
      return std::nullopt;
    }
  }
  const FieldDescriptor* results = response.FindFieldByName("results");
  if (out.begin_->message_type() != v1::SyncBegin::descriptor() ||
      results == nullptr ||
      results->message_type() != v1::SyncRowResults::descriptor() ||
      response.FindFieldByName("begun") == nullptr ||
      response.FindFieldByName("committed") == nullptr) {
    return std::nullopt;
  }
  const Descriptor& row = *out.row_->message_type();
  out.row_number_ = row.FindFieldByName("row_number");
  out.upsert_ = row.FindFieldByName("upsert");
  if (out.row_number_ == nullptr || out.upsert_ == nullptr) {
    return std::nullopt;
  }
  return out;
}

Message& SyncMessages::begin(Message& request) const {
  return *Part(request, begin_);
}

absl::Status SyncMessages::FillRow(std::string_view text, Message& row) {
  const std::string first = FirstMember(text);
  if (!first.empty() && FindJsonField(*row.GetDescriptor(), first) == nullptr) {
    return JsonToMessage(text, "upsert", *Part(row, upsert_));
  }
  return JsonToMessage(text, "", row);
}

std::string SyncMessages::RowRequest(const LineSplitter::Line& line,
                                     std::optional<v1::RowError>& refused) {
  const std::unique_ptr<Message> request = NewMessage(*request_type_);
  Message& row = *Part(*request, row_);
  absl::Status status;
  if (line.too_long) {
    status = InvalidField(
        kFieldTooLong,
        {.field = "(line)", .value = "", .allowed = "每行至多 1 MiB"});
  } else {
    status = FillRow(line.text, row);
  }
  refused.reset();
  if (!status.ok()) {
    row.Clear();
    refused = ToRowError(status);
  }
  if (row.GetReflection()->GetInt64(row, row_number_) == 0) {
    row.GetReflection()->SetInt64(&row, row_number_, line.number);
  }
  return request->SerializeAsString();
}

std::string SyncMessages::CommitRequest() const {
  const std::unique_ptr<Message> request = NewMessage(*request_type_);
  Part(*request, commit_);
  return request->SerializeAsString();
}

absl::StatusOr<SyncMessages::Answer> SyncMessages::ReadAnswer(
    const std::string& wire,
    const std::function<std::optional<v1::RowError>(int64_t)>& refused) {
  const std::unique_ptr<Message> response = NewMessage(*response_type_);
  if (!response->ParseFromString(wire)) {
    return absl::InternalError("a sync's answer does not parse");
  }
  Answer answer;
  const google::protobuf::Reflection& reflection = *response->GetReflection();
  const auto has = [&](const char* name) {
    return reflection.HasField(*response,
                               response_type_->FindFieldByName(name));
  };
  const auto part = [&](const char* name) {
    return Part(*response, response_type_->FindFieldByName(name));
  };
  answer.begun = has("begun");
  if (has("results")) {
    auto& results = static_cast<v1::SyncRowResults&>(*part("results"));
    for (v1::SyncRowResult& result : *results.mutable_results()) {
      std::optional<v1::RowError> own = refused(rows_answered_++);
      if (own.has_value()) *result.mutable_error() = *std::move(own);
    }
    const absl::StatusOr<std::string> json = MessageToJson(results);
    if (!json.ok()) return json.status();
    for (const std::string_view line : ElementsOf(*json)) {
      answer.lines.emplace_back(line);
    }
  }
  if (has("committed")) {
    const absl::StatusOr<std::string> json = MessageToJson(*part("committed"));
    if (!json.ok()) return json.status();
    answer.committed = true;
    answer.lines.push_back(absl::StrCat("{\"committed\":", *json, "}"));
  }
  return answer;
}

std::string FirstMember(std::string_view json) {
  const size_t brace = json.find_first_not_of(" \t\r\n");
  if (brace == std::string_view::npos || json[brace] != '{') return "";
  const size_t quote = json.find_first_not_of(" \t\r\n", brace + 1);
  if (quote == std::string_view::npos || json[quote] != '"') return "";
  const size_t end = json.find('"', quote + 1);
  if (end == std::string_view::npos) return "";
  return std::string(json.substr(quote + 1, end - quote - 1));
}

std::vector<std::string_view> ElementsOf(std::string_view json) {
  std::vector<std::string_view> out;
  const size_t open = json.find('[');
  if (open == std::string_view::npos) return out;
  int depth = 0;
  bool in_string = false;
  size_t begin = open + 1;
  for (size_t i = open + 1; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || (c == ']' && depth > 0)) {
      --depth;
    } else if (depth == 0 && (c == ',' || c == ']')) {
      if (i > begin) out.push_back(json.substr(begin, i - begin));
      begin = i + 1;
      if (c == ']') break;
    }
  }
  return out;
}

}  // namespace gradmatch
