#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/posting_service.grpc.pb.h"
#include "tests/durability/load_thread.h"

namespace gradmatch {
namespace {

using v1::PostingService;

constexpr int kPostings = 120;  // of each source
constexpr int kMostRows = 48;   // sent before the answers are read

}  // namespace

bool LoadThread::SendRows(
    grpc::ClientReaderWriter<v1::SyncPostingsRequest, v1::SyncPostingsResponse>&
        stream,
    std::map<int64_t, std::pair<std::string, std::string>>& sent) {
  const int rows = 1 + Below(kMostRows);
  for (int i = 0; i < rows; ++i) {
    v1::SyncPostingsRequest message;
    v1::SyncPostingRow& row = *message.mutable_row();
    const int64_t revision = NextRevision();
    const std::string id = absl::StrCat("p", Below(kPostings));
    const std::string key =
        absl::StrCat("posting/", LoadSourceName(number_), "/postings/", id);
    std::string state = absl::StrCat("r", revision);
    row.set_row_number(revision);
    if (Below(8) == 0) {
      row.mutable_delete_()->set_source_posting_id(id);
      row.mutable_delete_()->set_revision(revision);
      state = Oracle::kAbsent;
    } else {
      *row.mutable_upsert() = PostingAt(id, revision);
      row.set_raw(absl::StrCat("raw ", revision));
    }
    oracle_.Intend(key, state);
    sent[revision] = {key, state};
    if (!stream.Write(message)) return false;
  }
  return true;
}

void LoadThread::SyncPostings() {
  const auto stub = PostingService::NewStub(daemon_.channel());
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Minutes(5)));
  const auto stream = stub->SyncPostings(&context);
  v1::SyncPostingsRequest begin;
  begin.mutable_begin()->set_source(LoadSourceName(number_));
  begin.mutable_begin()->set_mode(v1::SYNC_MODE_INCREMENTAL);
  std::map<int64_t, std::pair<std::string, std::string>> sent;
  bool good = stream->Write(begin);
  while (good && !work_.stop_) {
    good = SendRows(*stream, sent);
    v1::SyncPostingsResponse response;
    while (good && !sent.empty() && (good = stream->Read(&response))) {
      for (const v1::SyncRowResult& result : response.results().results()) {
        const auto row = sent.find(result.row_number());
        if (row == sent.end() ||
            result.status() == v1::SyncRowResult::STATUS_REJECTED ||
            result.status() == v1::SyncRowResult::STATUS_QUARANTINED ||
            result.status() == v1::SyncRowResult::STATUS_STALE) {
          oracle_.Blame("row refused: " + result.ShortDebugString());
          continue;
        }
        oracle_.Acknowledge(row->second.first, row->second.second);
        sent.erase(row);
      }
    }
  }
  if (good) stream->WritesDone();
  if (!good) context.TryCancel();
  v1::SyncPostingsResponse rest;
  while (stream->Read(&rest)) {
  }
  Good(Daemon::FromWire(stream->Finish()), "SyncPostings");
}

bool LoadThread::OnePosting() {
  const std::string name = absl::StrCat(LoadSourceName(kLoadSources),
                                        "/postings/p", Below(kPostings));
  const std::string key = "posting/" + name;
  if (oracle_.Acknowledged(key) != Oracle::kAbsent && Below(4) == 0) {
    v1::DeletePostingRequest request;
    request.set_name(name);
    oracle_.Intend(key, Oracle::kAbsent);
    if (!Do<PostingService>(&PostingService::Stub::DeletePosting, request)) {
      return false;
    }
    oracle_.Acknowledge(key, Oracle::kAbsent);
    return true;
  }
  const int64_t revision = NextRevision();
  v1::UpdatePostingRequest request;
  *request.mutable_posting() =
      PostingAt(name.substr(name.rfind('/') + 1), revision);
  request.mutable_posting()->set_name(name);
  request.mutable_update_mask()->add_paths("*");
  request.mutable_posting()->set_state(v1::Posting::STATE_OPEN);
  request.set_allow_missing(true);
  const std::string state = absl::StrCat("r", revision);
  oracle_.Intend(key, state);
  v1::Posting response;
  if (!Do<PostingService>(&PostingService::Stub::UpdatePosting, request,
                          response)) {
    return false;
  }
  oracle_.Acknowledge(key, state);
  return true;
}

bool LoadThread::RepeatableCreate() {
  const int64_t serial = NextSerial();
  const v1::CreatePostingRequest request = CreateAt(serial);
  const std::string posting =
      absl::StrCat("posting/", request.parent(), "/postings/c", serial);
  oracle_.Intend(posting, "r1");
  // Until it is answered, any answer may come.
  oracle_.Intend(absl::StrCat("created/", serial), kUnanswered);
  v1::Posting response;
  if (!Do<PostingService>(&PostingService::Stub::CreatePosting, request,
                          response)) {
    return false;
  }
  oracle_.Acknowledge(posting, "r1");
  oracle_.Forget(absl::StrCat("created/", serial));
  oracle_.Saw(absl::StrCat("created/", serial), DescribeAnswer(response));
  return true;
}

}  // namespace gradmatch
