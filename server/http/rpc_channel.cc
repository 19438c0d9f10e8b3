#include "server/http/rpc_channel.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "index/base/mutex.h"
#include "server/rpc_status.h"

namespace gradmatch {
namespace {

grpc::ByteBuffer ToBuffer(const std::string& message) {
  const grpc::Slice slice(message);
  return grpc::ByteBuffer(&slice, 1);
}

std::string ToString(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string out;
  if (!buffer.Dump(&slices).ok()) return out;
  out.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) {
    out.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return out;
}

void SetUp(grpc::ClientContext& context, absl::Time deadline,
           const RpcMetadata& metadata) {
  if (deadline != absl::InfiniteFuture()) {
    context.set_deadline(absl::ToChronoTime(deadline));
  }
  for (const auto& [name, value] : metadata) context.AddMetadata(name, value);
}

class StreamCall final
    : public RpcStream,
      public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  StreamCall(grpc::GenericStub& stub, const std::string& path,
             absl::Time deadline, const RpcMetadata& metadata) {
    SetUp(context_, deadline, metadata);
    stub.PrepareBidiStreamingCall(&context_, path, grpc::StubOptions(), this);
    // Operations are started from our own threads: until Finish, the call does
    // not end by itself.
    AddHold();
    StartCall();
  }

  ~StreamCall() override {
    Cancel();
    (void)Finish();
  }

  bool Write(const std::string& message) override {
    MutexLock lock(mu_);
    if (broken_) return false;
    out_ = ToBuffer(message);
    writing_ = true;
    StartWrite(&out_);
    while (writing_) changed_.Wait(mu_);
    return !broken_;
  }

  void WritesDone() override {
    MutexLock lock(mu_);
    if (broken_ || closed_) return;
    closed_ = true;
    StartWritesDone();
  }

  bool Read(std::string& message) override {
    MutexLock lock(mu_);
    if (ended_) return false;
    reading_ = true;
    StartRead(&in_);
    while (reading_) changed_.Wait(mu_);
    if (ended_) return false;
    message = ToString(in_);
    return true;
  }

  void Cancel() override { context_.TryCancel(); }

  absl::Status Finish() override {
    MutexLock lock(mu_);
    if (!released_) {
      released_ = true;
      broken_ = true;  // nothing may be started once the call may end
      RemoveHold();
    }
    while (!status_.has_value()) changed_.Wait(mu_);
    return FromGrpcStatus(*status_);
  }

  void OnWriteDone(bool ok) override {
    MutexLock lock(mu_);
    writing_ = false;
    broken_ = broken_ || !ok;
    changed_.NotifyAll();
  }
  void OnReadDone(bool ok) override {
    MutexLock lock(mu_);
    reading_ = false;
    ended_ = !ok;
    changed_.NotifyAll();
  }
  void OnDone(const grpc::Status& status) override {
    MutexLock lock(mu_);
    status_ = status;
    changed_.NotifyAll();
  }

 private:
  grpc::ClientContext context_;
  Mutex mu_;
  CondVar changed_;
  grpc::ByteBuffer out_ ABSL_GUARDED_BY(mu_);  // gRPC's while writing_
  grpc::ByteBuffer in_ ABSL_GUARDED_BY(mu_);   // gRPC's while reading_
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool reading_ ABSL_GUARDED_BY(mu_) = false;
  bool broken_ ABSL_GUARDED_BY(mu_) = false;  // nothing more is taken
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  bool ended_ ABSL_GUARDED_BY(mu_) = false;  // nothing more comes
  bool released_ ABSL_GUARDED_BY(mu_) = false;
  std::optional<grpc::Status> status_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

RpcChannel::RpcChannel(std::shared_ptr<grpc::Channel> channel)
    : stub_(std::move(channel)) {}

absl::StatusOr<std::string> RpcChannel::Call(const std::string& path,
                                             const std::string& request,
                                             absl::Time deadline,
                                             const RpcMetadata& metadata) {
  grpc::ClientContext context;
  SetUp(context, deadline, metadata);
  const grpc::ByteBuffer in = ToBuffer(request);
  grpc::ByteBuffer out;
  Mutex mu;
  CondVar done;
  std::optional<grpc::Status> status;
  stub_.UnaryCall(&context, path, grpc::StubOptions(), &in, &out,
                  [&](grpc::Status ended) {
                    MutexLock lock(mu);
                    status = std::move(ended);
                    done.NotifyOne();
                  });
  {
    MutexLock lock(mu);
    while (!status.has_value()) done.Wait(mu);
  }
  if (!status->ok()) return FromGrpcStatus(*status);
  return ToString(out);
}

std::unique_ptr<RpcStream> RpcChannel::Open(const std::string& path,
                                            absl::Time deadline,
                                            const RpcMetadata& metadata) {
  return std::make_unique<StreamCall>(stub_, path, deadline, metadata);
}

}  // namespace gradmatch
