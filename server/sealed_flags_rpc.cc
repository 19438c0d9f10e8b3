#include "server/sealed_flags_rpc.h"

#include <string>

#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/catalog.h"
#include "index/keys.h"
#include "index/pseudonym.h"
#include "index/vault/sealed_store.h"
#include "server/audit.h"
#include "server/graduate_kind.h"
#include "server/idempotency.h"
#include "server/purpose.h"
#include "server/resource_name.h"

namespace gradmatch {
namespace {

SealedFlags FlagsOf(const v1::UpdateSealedFlagsRequest& request) {
  SealedFlags flags;
  if (request.has_hardship()) flags.hardship = request.hardship();
  if (request.has_disability()) flags.disability = request.disability();
  return flags;
}

absl::Status CheckStated(const v1::UpdateSealedFlagsRequest& request) {
  if (request.has_hardship() || request.has_disability()) {
    return absl::OkStatus();
  }
  return InvalidField(kFieldMissing, {"hardship", "",
                                      "hardship 与 disability 至少给出一项；"
                                      "全部删除请用 DeleteSealedFlags",
                                      ""});
}

// Whether flags of the graduate may be written: it is there and processed.
absl::Status CheckProcessed(const Engine& engine, const std::string& name) {
  const auto graduate = ReadGraduate(engine, "name", name);
  if (!graduate.ok()) return graduate.status();
  if (graduate->lifecycle() != v1::Graduate::LIFECYCLE_FROZEN) {
    return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kFailedPrecondition, kGraduateNotServed,
                   "毕业生信息已冻结，只保存不处理；解除冻结后再写入标记");
}

// The request as the request log may know it.
absl::StatusOr<uint64_t> HashOf(const Engine& engine,
                                const v1::UpdateSealedFlagsRequest& request) {
  v1::UpdateSealedFlagsRequest body = request;
  body.clear_request_id();
  std::string bytes = body.SerializeAsString();  // no maps: always the same
  auto hash = engine.sealed.RequestHash(request.request_id(), bytes);
  Wipe(bytes);
  body.set_hardship(false);
  body.set_disability(false);
  return hash;
}

}  // namespace

absl::Status UpdateSealedFlags(const Engine& engine, const RpcContext& rpc,
                               const v1::UpdateSealedFlagsRequest& request,
                               google::protobuf::Empty& response) {
  const auto id = ParseGraduateName("name", request.name());
  if (!id.ok()) return id.status();
  absl::Status valid = CheckStated(request);
  if (valid.ok()) valid = CheckPurposeFor(*id, request.purpose());
  if (valid.ok()) valid = engine.sealed.CheckKeys();
  if (!valid.ok()) return valid;
  const std::string pseudonym = engine.pseudonyms.Of(*id);
  const auto write = [&](const AnswerLog& answers) {
    WriteBatch also;
    answers.AddTo(also, response);
    return engine.sealed.Update(
        pseudonym, FlagsOf(request),
        [&] { return CheckProcessed(engine, request.name()); }, also);
  };
  return RunAudited(engine.audit, rpc,
                    {PersonInAudit(pseudonym), request.purpose()}, [&] {
                      return RunIdempotent(
                          engine.requests, rpc, request, response,
                          [&] { return HashOf(engine, request); }, write);
                    });
}

absl::Status DeleteSealedFlags(const Engine& engine, const RpcContext& rpc,
                               const v1::DeleteSealedFlagsRequest& request,
                               google::protobuf::Empty& response) {
  const auto id = ParseGraduateName("name", request.name());
  if (!id.ok()) return id.status();
  absl::Status valid = CheckPurposeFor(*id, request.purpose());
  if (!valid.ok()) return valid;
  const std::string pseudonym = engine.pseudonyms.Of(*id);
  const auto remove = [&](const AnswerLog& answers) -> absl::Status {
    // Also of a graduate whose record was deleted since.
    const auto record =
        engine.catalog.Get(CollectionId::kGraduates, GraduateKey(pseudonym));
    if (absl::IsNotFound(record.status())) return GraduateNotFound();
    if (!record.ok()) return record.status();
    WriteBatch also;
    answers.AddTo(also, response);
    return engine.sealed.Delete(pseudonym, also);
  };
  return RunAudited(
      engine.audit, rpc, {PersonInAudit(pseudonym), request.purpose()}, [&] {
        return RunIdempotent(engine.requests, rpc, request, response, remove);
      });
}

}  // namespace gradmatch
