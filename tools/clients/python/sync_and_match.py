#!/usr/bin/python3
"""Makes a sandbox source, syncs ten postings, reads one graduate's recommendation.

Over gRPC. The messages are generated once, from the checkout's top folder:

  protos=proto/node_modules/google-proto-files
  mkdir -p build/python
  protoc -I proto -I $protos --python_out=build/python \\
    --plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin \\
    --grpc_python_out=build/python \\
    $(cd proto && ls gradmatch/v1/*.proto) \\
    $(cd $protos && ls google/api/{annotations,client,field_behavior,http}.proto \\
      google/api/{launch_stage,resource}.proto google/longrunning/operations.proto \\
      google/rpc/{status,error_details}.proto)
  PYTHONPATH=build/python tools/clients/python/sync_and_match.py \\
    127.0.0.1:50051 g-0001
"""

import os
import pathlib
import sys

import grpc
from google.rpc import error_details_pb2, status_pb2

from gradmatch.v1 import (common_pb2, match_service_pb2,
                          match_service_pb2_grpc, posting_pb2,
                          posting_service_pb2, posting_service_pb2_grpc,
                          source_pb2, source_service_pb2,
                          source_service_pb2_grpc, sync_pb2)

SOURCE = 'try-python'


def reason_of(error):
    """The stable reason of an error, such as ALREADY_EXISTS; its text is for people."""
    for key, value in error.trailing_metadata() or ():
        if key == 'grpc-status-details-bin':
            for detail in status_pb2.Status.FromString(value).details:
                info = error_details_pb2.ErrorInfo()
                if detail.Unpack(info):
                    return info.reason
    return ''


def open_channel(endpoint, options):
    """Over TLS where the environment names who signs the server's certificate,
    with our own certificate where it names that."""
    def read(name):
        path = os.environ.get(name)
        return pathlib.Path(path).read_bytes() if path else None

    ca = read('GRADMATCH_TLS_CA')
    if ca is None:
        return grpc.insecure_channel(endpoint, options=options)
    credentials = grpc.ssl_channel_credentials(ca, read('GRADMATCH_TLS_KEY'),
                                               read('GRADMATCH_TLS_CERT'))
    return grpc.secure_channel(endpoint, credentials, options=options)


def make_source(channel):
    request = source_service_pb2.CreateSourceRequest(
        source_id=SOURCE,
        source=source_pb2.Source(display_name='Python 试验',
                                 kind=source_pb2.Source.KIND_SCHOOL,
                                 sandbox=True))
    try:
        source_service_pb2_grpc.SourceServiceStub(channel).CreateSource(
            request, timeout=10)
    except grpc.RpcError as error:
        if reason_of(error) != 'ALREADY_EXISTS':
            raise


def messages():
    """begin, rows, commit: in this order."""
    yield posting_service_pb2.SyncPostingsRequest(begin=sync_pb2.SyncBegin(
        source='sources/' + SOURCE,
        mode=sync_pb2.SYNC_MODE_INCREMENTAL,
        expected_count=10))
    for i in range(1, 11):
        posting = posting_pb2.Posting(source_posting_id=str(i),
                                      title='软件工程师',
                                      openings=2,
                                      description='负责后端服务的开发与维护。')
        posting.employer.name = '武汉示例科技有限公司'
        region = posting.locations.add().region
        region.system, region.code = 'region', '420100'
        posting.education.min_level = common_pb2.EDUCATION_LEVEL_BACHELOR
        yield posting_service_pb2.SyncPostingsRequest(
            row=posting_service_pb2.SyncPostingRow(row_number=i,
                                                   upsert=posting))
    yield posting_service_pb2.SyncPostingsRequest(commit=sync_pb2.SyncCommit())


def sync(channel):
    answers = posting_service_pb2_grpc.PostingServiceStub(
        channel).SyncPostings(messages(), timeout=60)
    for answer in answers:
        for result in answer.results.results:
            if result.status == sync_pb2.SyncRowResult.STATUS_REJECTED:
                print(f'第 {result.row_number} 行：{result.error.message}')
        if answer.HasField('committed'):
            counts = answer.committed
            print(f'同步：收到 {counts.received}，新建 {counts.created}，'
                  f'未变 {counts.unchanged}')


def match(channel, graduate):
    answer = match_service_pb2_grpc.MatchServiceStub(channel).MatchPostings(
        match_service_pb2.MatchPostingsRequest(
            graduate='graduates/' + graduate, page_size=3),
        timeout=5)
    for one in answer.matches:
        why = '；'.join(reason.text_zh for reason in one.reasons)
        print(f'推荐：{one.rank} {one.posting.title}（{why}）')


class BearerToken(grpc.UnaryUnaryClientInterceptor,
                  grpc.StreamStreamClientInterceptor):
    """Sends the server's token with every call."""

    def __init__(self, token):
        self._metadata = ('authorization', 'Bearer ' + token)

    def _call(self, continuation, details, request):
        metadata = (*(details.metadata or ()), self._metadata)
        return continuation(details._replace(metadata=metadata), request)

    intercept_unary_unary = _call
    intercept_stream_stream = _call


def main():
    if len(sys.argv) != 3:
        sys.exit('usage: sync_and_match.py 127.0.0.1:50051 GRADUATE')
    # Which errors are tried again, how often, after how long.
    config = pathlib.Path(__file__).parent.parent / 'service_config.json'
    options = [('grpc.service_config', config.read_text()),
               ('grpc.enable_http_proxy', 0)]
    with open_channel(sys.argv[1], options) as channel:
        # If it asks for one.
        file = os.environ.get('GRADMATCH_TOKEN_FILE')
        if file:
            token = pathlib.Path(file).read_text().strip()
            channel = grpc.intercept_channel(channel, BearerToken(token))
        make_source(channel)
        sync(channel)
        match(channel, sys.argv[2])


if __name__ == '__main__':
    main()
