#include "server/http/ndjson.h"

#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "index/base/mutex.h"
#include "index/base/strings.h"
#include "server/http/call_setup.h"
#include "server/http/json_codec.h"
#include "server/http/request_fields.h"
#include "server/http/sync_rows.h"

namespace gradmatch {
namespace {

const HttpHeaders& LinesHeaders() {
  static const auto& headers = *new HttpHeaders{
      {"Content-Type", "application/x-ndjson"}, {"Cache-Control", "no-store"}};
  return headers;
}

// Lines between the thread that gets them from the service and the one that
// sends them to the reader.
class LineQueue {
 public:
  explicit LineQueue(size_t max_bytes) : max_bytes_(max_bytes) {}

  // Waits while too much lies here. False once the reader has gone.
  bool Push(std::string lines) {
    MutexLock lock(mu_);
    while (bytes_.size() >= max_bytes_ && !gone_) changed_.Wait(mu_);
    bytes_ += lines;
    changed_.NotifyAll();
    return !gone_;
  }
  void Close() {
    MutexLock lock(mu_);
    closed_ = true;
    changed_.NotifyAll();
  }
  // Some of what lies here; empty at the end.
  std::string Pop() {
    constexpr size_t kPiece = 64 << 10;
    MutexLock lock(mu_);
    while (bytes_.empty() && !closed_) changed_.Wait(mu_);
    std::string out;
    if (bytes_.size() <= kPiece) {
      out.swap(bytes_);
    } else {
      out = bytes_.substr(0, kPiece);
      bytes_.erase(0, kPiece);
    }
    changed_.NotifyAll();
    return out;
  }
  void ReaderGone() {
    MutexLock lock(mu_);
    gone_ = true;
    changed_.NotifyAll();
  }

 private:
  const size_t max_bytes_;
  Mutex mu_;
  CondVar changed_;
  std::string bytes_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  bool gone_ ABSL_GUARDED_BY(mu_) = false;
};

// One sync over HTTP. Three threads: the caller's reads the body and writes to
// the call, one reads the call's answers, one writes them to the reader. Each
// waits for the next one down the line, so a slow end holds back the other.
class SyncCall {
 public:
  SyncCall(HttpExchange& exchange, std::unique_ptr<RpcStream> stream,
           SyncMessages messages, const TranslatorLimits& limits)
      : exchange_(exchange),
        stream_(std::move(stream)),
        messages_(std::move(messages)),
        limits_(limits),
        unread_(limits.max_unread_bytes) {}

  // Not OK: nothing was answered.
  absl::Status Run(const std::string& begin) {
    std::string answer;
    if (!stream_->Write(begin) || !stream_->Read(answer)) {
      absl::Status status = stream_->Finish();
      return status.ok() ? absl::InternalError("a sync ended at its begin")
                         : status;
    }
    if (!exchange_.BeginStream(200, LinesHeaders())) {
      stream_->Cancel();
      return absl::OkStatus();
    }
    std::thread answers([this] { ReadAnswers(); });
    std::thread writer([this] { WriteLines(); });
    SendRows();
    answers.join();
    unread_.Close();
    writer.join();
    return absl::OkStatus();
  }

 private:
  // Body to call.
  void SendRows() {
    bool taken = true;
    LineSplitter lines(limits_.max_line_bytes,
                       [&](const LineSplitter::Line& line) {
                         taken = SendRow(line);
                         return taken;
                       });
    const auto end = exchange_.ReadBody(
        [&](std::string_view piece) { return lines.Add(piece); },
        limits_.stream_idle, absl::InfiniteDuration());
    if (end == HttpExchange::BodyEnd::kWhole && lines.Finish()) {
      (void)stream_->Write(messages_.CommitRequest());
      stream_->WritesDone();
    } else if (taken) {
      // The sender has gone: without commit nothing more is taken.
      {
        MutexLock lock(mu_);
        cut_ = true;
      }
      stream_->Cancel();
    }
  }

  bool SendRow(const LineSplitter::Line& line) {
    std::optional<v1::RowError> refused;
    const std::string request = messages_.RowRequest(line, refused);
    if (refused.has_value()) {
      MutexLock lock(mu_);
      refused_[sent_] = *std::move(refused);
    }
    ++sent_;
    return stream_->Write(request);
  }

  // Call to queue; the last line says how it ended.
  void ReadAnswers() {
    std::string wire;
    absl::Status status;
    bool committed = false;
    while (status.ok() && stream_->Read(wire)) {
      absl::StatusOr<SyncMessages::Answer> answer = messages_.ReadAnswer(
          wire, [this](int64_t row) { return TakeRefused(row); });
      if (!answer.ok()) {
        status = answer.status();
        stream_->Cancel();
        break;
      }
      committed = answer->committed;
      std::string lines;
      for (const std::string& line : answer->lines) {
        absl::StrAppend(&lines, line, "\n");
      }
      if (!lines.empty() && !unread_.Push(std::move(lines))) return;
    }
    const absl::Status end = stream_->Finish();
    if (status.ok()) status = end;
    if (Cut()) status = BodyCut();
    if (status.ok() && !committed) {
      status = absl::InternalError("a sync ended without its counts");
    }
    if (status.ok()) return;
    unread_.Push(ErrorLine(status) + "\n");
    // Nothing more is taken; whoever still sends is not waited for.
    exchange_.StopReading();
  }

  bool Cut() {
    MutexLock lock(mu_);
    return cut_;
  }

  std::optional<v1::RowError> TakeRefused(int64_t row) {
    MutexLock lock(mu_);
    const auto it = refused_.find(row);
    if (it == refused_.end()) return std::nullopt;
    std::optional<v1::RowError> error = std::move(it->second);
    refused_.erase(it);
    return error;
  }

  // Queue to reader.
  void WriteLines() {
    for (std::string lines = unread_.Pop(); !lines.empty();
         lines = unread_.Pop()) {
      if (exchange_.WriteChunk(lines)) continue;
      unread_.ReaderGone();
      stream_->Cancel();
      exchange_.Break();  // whoever reads the body
      return;
    }
    (void)exchange_.EndStream();
  }

  HttpExchange& exchange_;
  const std::unique_ptr<RpcStream> stream_;
  SyncMessages messages_;
  const TranslatorLimits& limits_;
  LineQueue unread_;
  int64_t sent_ = 0;  // rows; the body's thread only
  Mutex mu_;
  std::map<int64_t, v1::RowError> refused_ ABSL_GUARDED_BY(mu_);
  bool cut_ ABSL_GUARDED_BY(mu_) = false;
};

absl::Status FillBegin(const RouteTable::Found& found,
                       const RequestTarget& target,
                       const SyncMessages& messages,
                       google::protobuf::Message& request) {
  google::protobuf::Message& begin = messages.begin(request);
  for (const auto& [name, value] : target.query) {
    constexpr std::string_view kBegin = "begin.";
    const std::string_view field = name;
    absl::Status status = AddQueryField(
        field.starts_with(kBegin) ? field.substr(kBegin.size()) : field, value,
        begin);
    if (!status.ok()) return status;
  }
  for (const auto& [name, value] : found.bindings) {
    absl::Status status = SetPathField(name, value, request);
    if (!status.ok()) return status;
  }
  auto& typed = static_cast<v1::SyncBegin&>(begin);
  if (typed.mode() == v1::SYNC_MODE_UNSPECIFIED) {
    typed.set_mode(v1::SYNC_MODE_INCREMENTAL);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunSync(HttpExchange& exchange, RpcChannel& channel,
                     const Route& route, const RouteTable::Found& found,
                     const RequestTarget& target, absl::Time deadline,
                     const TranslatorLimits& limits) {
  std::optional<SyncMessages> messages = SyncMessages::Of(
      *route.method->input_type(), *route.method->output_type());
  if (!messages.has_value()) {
    return absl::InternalError(
        absl::StrCat(route.rpc_path, " is no sync, and streams its requests"));
  }
  if (exchange.body_bytes() != uint64_t{0}) {
    absl::Status type = CheckContentType(
        exchange, {"application/x-ndjson", "application/ndjson",
                   "application/jsonl", "application/x-jsonlines"});
    if (!type.ok()) return type;
  }
  const std::unique_ptr<google::protobuf::Message> request =
      NewMessage(*route.method->input_type());
  absl::Status begin = FillBegin(found, target, *messages, *request);
  if (!begin.ok()) return begin;
  return SyncCall(exchange,
                  channel.Open(route.rpc_path, deadline,
                               CallMetadata(exchange, limits.hop_secret)),
                  *std::move(messages), limits)
      .Run(request->SerializeAsString());
}

absl::Status RunServerLines(HttpExchange& exchange, RpcChannel& channel,
                            const Route& route, const RouteTable::Found& found,
                            const RequestTarget& target, absl::Time deadline,
                            const TranslatorLimits& limits) {
  const absl::StatusOr<std::string> body =
      ReadJsonBody(exchange, limits.max_body_bytes);
  if (!body.ok()) return body.status();
  const auto request = MakeRequest(route, found, target, *body);
  if (!request.ok()) return request.status();
  const std::unique_ptr<RpcStream> stream = channel.Open(
      route.rpc_path, deadline, CallMetadata(exchange, limits.hop_secret));
  std::string wire;
  if (stream->Write((*request)->SerializeAsString())) stream->WritesDone();
  bool more = stream->Read(wire);
  if (!more) {
    absl::Status status = stream->Finish();
    if (!status.ok()) return status;
  }
  bool listening = exchange.BeginStream(200, LinesHeaders());
  absl::Status status;
  while (more && listening && status.ok()) {
    const absl::StatusOr<std::string> json =
        WireToJson(*route.method->output_type(), wire);
    status = json.status();
    if (!json.ok()) break;
    listening = exchange.WriteChunk(*json + "\n");
    more = listening && stream->Read(wire);
  }
  if (!listening || !status.ok()) stream->Cancel();
  const absl::Status end = stream->Finish();
  if (status.ok()) status = end;
  if (listening && !status.ok()) {
    listening = exchange.WriteChunk(ErrorLine(status) + "\n");
  }
  if (listening) (void)exchange.EndStream();
  return absl::OkStatus();
}

}  // namespace gradmatch
