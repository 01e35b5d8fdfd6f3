// Original file: ../../proto/adaedl/v2/verification.proto


export interface DescribeVerifierRequest {
}

export interface DescribeVerifierRequest__Output {
}
