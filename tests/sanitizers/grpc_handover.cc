// Lets the thread sanitizer see how gRPC hands work from one thread to the
// next. Debian's libgrpc is built without instrumentation and orders its
// threads with atomics of its own, so that whatever is handed over inside it
// looks like a race. Every operation goes in at one place and comes out at one
// of three: here the two are tied together by the operation's tag. Linked into
// programs of the thread sanitizer's build only, beside absl_mutex.cc.

#include <grpc/grpc.h>
#include <sanitizer/tsan_interface.h>

#include <thread>

#include "grpcpp/support/callback_common.h"
#include "grpcpp/support/server_callback.h"
#include "tests/sanitizers/original.h"

using gradmatch::Original;

namespace {

// The private function that runs the callback of an operation: the language
// lets an explicit instantiation name it.
using Run = void (*)(grpc_completion_queue_functor*, int);
template <Run run>
struct Expose {
  friend Run CallbackRun() { return run; }
};
Run CallbackRun();
template struct Expose<&grpc::internal::CallbackWithSuccessTag::StaticRun>;

// The library has a copy of that function for its own operations.
bool RunsCallback(const grpc_completion_queue_functor& functor) {
  static const auto of_library = Original<Run>(
      "_ZN4grpc8internal22CallbackWithSuccessTag9StaticRunE"
      "P29grpc_completion_queue_functori");
  return functor.functor_run == CallbackRun() ||
         functor.functor_run == of_library;
}

void RunSeen(grpc_completion_queue_functor* functor, int ok) {
  __tsan_acquire(functor);
  CallbackRun()(functor, ok);
}

grpc_event Seen(grpc_event event) {
  if (event.type == GRPC_OP_COMPLETE) __tsan_acquire(event.tag);
  return event;
}

}  // namespace

extern "C" {

grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* ops,
                                      size_t nops, void* tag, void* reserved) {
  static const auto original =
      Original<decltype(&grpc_call_start_batch)>("grpc_call_start_batch");
  if (tag != nullptr) {
    // Tags of other queues begin with the address of a virtual table.
    auto* const functor = static_cast<grpc_completion_queue_functor*>(tag);
    if (RunsCallback(*functor)) functor->functor_run = RunSeen;
    __tsan_release(tag);
  }
  return original(call, ops, nops, tag, reserved);
}

grpc_event grpc_completion_queue_next(grpc_completion_queue* queue,
                                      gpr_timespec deadline, void* reserved) {
  static const auto original = Original<decltype(&grpc_completion_queue_next)>(
      "grpc_completion_queue_next");
  return Seen(original(queue, deadline, reserved));
}

grpc_event grpc_completion_queue_pluck(grpc_completion_queue* queue, void* tag,
                                       gpr_timespec deadline, void* reserved) {
  static const auto original = Original<decltype(&grpc_completion_queue_pluck)>(
      "grpc_completion_queue_pluck");
  return Seen(original(queue, tag, deadline, reserved));
}

}  // extern "C"

namespace grpc::internal {

// The last one to let go of a call may do so inside the library; what the
// others did before they let go is then ordered by this counter alone.
void ServerCallbackCall::ScheduleOnDone(bool inline_ondone) {
  static const auto original = Original<void (*)(ServerCallbackCall*, bool)>(
      "_ZN4grpc8internal18ServerCallbackCall14ScheduleOnDoneEb");
  __tsan_acquire(&callbacks_outstanding_);
  original(this, inline_ondone);
}

// As in the library, on a thread that the sanitizer sees.
void ServerCallbackCall::CallOnCancel(ServerReactor* reactor) {
  Ref();
  std::thread([this, reactor] {
    reactor->OnCancel();
    MaybeDone();
  }).detach();
}

}  // namespace grpc::internal
