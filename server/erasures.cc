#include "server/erasures.h"

#include <random>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/keys.h"
#include "matcher/ingest/graduate_ingester.h"
#include "server/erasure_operations.h"
#include "server/graduate_kind.h"
#include "server/idempotency.h"
#include "server/purpose.h"
#include "server/resource_name.h"

namespace gradmatch {
namespace {

// 128 random bits: it leads back to nobody.
std::string NewErasureId() {
  std::random_device device;
  return absl::StrFormat("%08x%08x%08x%08x", device(), device(), device(),
                         device());
}

absl::Status ReceiptNotFound(const std::string& name) {
  return MakeError(
      absl::StatusCode::kNotFound, kErasureNotFound,
      absl::StrCat("没有删除凭证 ", name,
                   "；凭证名见 EraseGraduate 返回的操作的 metadata.erasure"),
      {{"name", name}});
}

// The purpose stays in the receipt, which is to lead back to nobody.
// Whoever was deleted may be erased too: the ledger is still there.
absl::Status CheckKnown(const Engine& engine, const ErasureStore& store,
                        const PendingErasure& erasure) {
  const auto known = store.IsKnown(erasure.graduate_key);
  if (!known.ok()) return known.status();
  if (*known) return absl::OkStatus();
  const auto erased = engine.graduates.WasErased(erasure.graduate_id);
  if (!erased.ok()) return erased.status();
  return *erased ? GraduateWasErased() : GraduateNotFound();
}

}  // namespace

absl::Status EraseGraduate(const Runtime& runtime, ErasureRunner& runner,
                           const RpcContext& rpc,
                           const v1::EraseGraduateRequest& request,
                           google::longrunning::Operation& response) {
  const auto id = ParseGraduateName("name", request.name());
  if (!id.ok()) return id.status();
  absl::Status purpose = CheckPurposeFor(*id, request.purpose());
  if (!purpose.ok()) return purpose;
  const auto store = runner.store();
  if (!store.ok()) return store.status();
  const Engine& engine = runtime.engine();
  return RunIdempotent(
      engine.requests, rpc, request, response,
      [&](const AnswerLog& answers) -> absl::Status {
        PendingErasure erasure =
            (*store)->Make(NewErasureId(), *id, request.purpose(),
                           request.purge_now(), runtime.clock.Now());
        absl::Status known = CheckKnown(engine, **store, erasure);
        if (!known.ok()) return known;
        const auto operation = MakeErasureOperation(erasure.id, erasure.stored);
        v1::StoredOperation listed;
        listed.set_name(operation.name());
        listed.set_create_time_micros(absl::ToUnixMicros(runtime.clock.Now()));
        WriteBatch also;
        also.Put(
            Family::kOperation,
            OperationKey(absl::StrCat(A(kErasureOperationPrefix), erasure.id)),
            listed.SerializeAsString());
        ErasureStore::AddTo(also, erasure);
        answers.AddTo(also, operation);
        // First, so that no erasure that was acknowledged is missing from it.
        absl::Status kept = runner.Journal(erasure);
        if (!kept.ok()) return kept;
        absl::Status erased = engine.graduates.Erase(*id, std::move(also));
        if (!erased.ok()) return erased;
        runner.Enqueue(std::move(erasure));
        response = operation;
        return absl::OkStatus();
      });
}

absl::Status GetReceipt(const ErasureRunner& runner,
                        const v1::GetErasureReceiptRequest& request,
                        v1::ErasureReceipt& response) {
  const auto ids =
      ParseResourceName("name", "erasures/{erasure}", request.name());
  if (!ids.ok()) return ids.status();
  const auto store = runner.store();
  if (!store.ok()) return store.status();
  auto erasure = (*store)->Get(ids->front());
  if (!erasure.ok()) return erasure.status();
  if (!erasure->has_value()) return ReceiptNotFound(request.name());
  response = std::move(*(*erasure)->mutable_receipt());
  return absl::OkStatus();
}

}  // namespace gradmatch
