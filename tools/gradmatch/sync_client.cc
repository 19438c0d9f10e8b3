#include "tools/gradmatch/sync_client.h"

#include <optional>
#include <thread>

#include "gradmatch/v1/content_service.grpc.pb.h"
#include "gradmatch/v1/graduate_service.grpc.pb.h"
#include "gradmatch/v1/posting_service.grpc.pb.h"
#include "grpcpp/client_context.h"

namespace gradmatch {
namespace {

// Rows are handed to the transport together: one system call for many.
constexpr int kRowsPerFlush = 64;

// Sends begin, rows and commit. Returns the feed's error, if it had one; a
// stream that the server ended is seen by the reader.
template <typename Request, typename Row, typename Stream>
absl::Status SendAll(Stream& stream, const v1::SyncBegin& begin,
                     const SyncCallbacks<Row>& callbacks) {
  Request request;
  *request.mutable_begin() = begin;
  if (!stream.Write(request)) return absl::OkStatus();
  for (int sent = 1;; ++sent) {
    request.Clear();
    const absl::StatusOr<bool> more = callbacks.next(*request.mutable_row());
    if (!more.ok()) return more.status();
    if (!*more) break;
    grpc::WriteOptions options;
    if (sent % kRowsPerFlush != 0) options.set_buffer_hint();
    if (!stream.Write(request, options)) return absl::OkStatus();
  }
  request.Clear();
  request.mutable_commit();
  stream.Write(request);
  return absl::OkStatus();
}

template <typename Request, typename Response, typename Row, typename Stream>
absl::StatusOr<v1::SyncCommitted> Sync(grpc::ClientContext& context,
                                       Stream& stream,
                                       const v1::SyncBegin& begin,
                                       const SyncCallbacks<Row>& callbacks) {
  absl::Status sent;
  std::thread writer([&] {
    sent = SendAll<Request>(stream, begin, callbacks);
    if (!sent.ok()) context.TryCancel();
    stream.WritesDone();
  });
  std::optional<v1::SyncCommitted> committed;
  for (Response response; stream.Read(&response);) {
    if (response.has_results()) {
      for (const v1::SyncRowResult& result : response.results().results()) {
        callbacks.on_result(result);
      }
    } else if (response.has_committed()) {
      committed = response.committed();
    }
  }
  writer.join();
  const absl::Status finished = FromGrpcStatus(stream.Finish());
  if (!sent.ok()) return sent;
  if (!finished.ok()) return finished;
  if (!committed.has_value()) {
    return absl::UnavailableError("the stream ended without a commit");
  }
  return *std::move(committed);
}

}  // namespace

absl::StatusOr<v1::SyncCommitted> SyncPostings(
    const Client& client, const v1::SyncBegin& begin,
    const SyncCallbacks<v1::SyncPostingRow>& callbacks) {
  const auto stub = v1::PostingService::NewStub(client.channel());
  grpc::ClientContext context;
  const auto stream = stub->SyncPostings(&context);
  return Sync<v1::SyncPostingsRequest, v1::SyncPostingsResponse>(
      context, *stream, begin, callbacks);
}

absl::StatusOr<v1::SyncCommitted> SyncGraduates(
    const Client& client, const v1::SyncBegin& begin,
    const SyncCallbacks<v1::SyncGraduateRow>& callbacks) {
  const auto stub = v1::GraduateService::NewStub(client.channel());
  grpc::ClientContext context;
  const auto stream = stub->SyncGraduates(&context);
  return Sync<v1::SyncGraduatesRequest, v1::SyncGraduatesResponse>(
      context, *stream, begin, callbacks);
}

absl::StatusOr<v1::SyncCommitted> SyncContents(
    const Client& client, const v1::SyncBegin& begin,
    const SyncCallbacks<v1::SyncContentRow>& callbacks) {
  const auto stub = v1::ContentService::NewStub(client.channel());
  grpc::ClientContext context;
  const auto stream = stub->SyncContents(&context);
  return Sync<v1::SyncContentsRequest, v1::SyncContentsResponse>(
      context, *stream, begin, callbacks);
}

}  // namespace gradmatch
